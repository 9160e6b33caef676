"""The host's files: below a folder when there is one, else in the state."""

import os


def read(state, path):
    root = state.get('root')
    if root:
        try:
            with open(root + path, encoding='utf-8') as file:
                return file.read()
        except FileNotFoundError:
            return None
    entry = state['files'].get(path)
    return None if entry is None else entry['text']


def write(state, path, text, mode=None):
    root = state.get('root')
    if root:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, 'w', encoding='utf-8') as file:
            file.write(text)
        if mode is not None:
            os.chmod(root + path, mode)
        return
    entry = state['files'].setdefault(path, {'mode': 0o644, 'text': ''})
    entry['text'] = text
    if mode is not None:
        entry['mode'] = mode
