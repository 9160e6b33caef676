"""Prints what in the program Python 3.5 does not know, or ESXi does not have: `language.py FILE ...`."""

import ast
import os
import sys

# By the release that brought them.
SYNTAX = {
    'NamedExpr': '3.8', 'Match': '3.10', 'TryStar': '3.11', 'TypeAlias': '3.12',
    'AsyncFunctionDef': 'not wanted', 'AsyncFor': 'not wanted',
}
MODULES = {
    'argparse', 'base64', 'collections', 'hashlib', 'ipaddress', 'json', 'os', 're', 'ssl', 'subprocess', 'sys', 'time', 'urllib',
}
NAMES = {
    'ModuleNotFoundError', 'capture_output', 'dataclass', 'breakpoint', 'removeprefix', 'removesuffix', 'token_hex', 'fromisoformat',
    'cached_property', 'prod', 'fspath',
}


def look(path, text, siblings):
    try:
        tree = ast.parse(text, path, feature_version=(3, 5))
    except SyntaxError as error:
        yield error.lineno or 0, error.msg
        return
    for node in ast.walk(tree):
        kind = type(node).__name__
        line = getattr(node, 'lineno', 0)
        if kind in SYNTAX:
            yield line, '%s: %s' % (kind, SYNTAX[kind])
        if isinstance(node, ast.arguments) and getattr(node, 'posonlyargs', None):
            yield line, 'positional-only parameters: 3.8'
        if isinstance(node, (ast.FunctionDef, ast.arg)) and (getattr(node, 'returns', None) or getattr(node, 'annotation', None)):
            yield line, 'annotation: not wanted'
        for name in imported(node):
            if name not in MODULES and name not in siblings:
                yield line, 'import of %s' % name
        word = getattr(node, 'attr', getattr(node, 'id', getattr(node, 'arg', None)))
        if isinstance(node, (ast.Attribute, ast.Name, ast.keyword)) and word in NAMES:
            yield line, '%s: later than 3.5' % word
    if text.count('\n') > 250:
        yield 250, 'more than 250 lines'


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.split('.')[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ['.' if node.level else node.module.split('.')[0]]
    return []


def main(paths):
    siblings = {os.path.basename(path)[:-3] for path in paths}
    for path in paths:
        with open(path, encoding='utf-8') as file:
            for line, problem in look(path, file.read(), siblings):
                print('%s:%d: %s' % (os.path.basename(path), line, problem))


main(sys.argv[1:])
