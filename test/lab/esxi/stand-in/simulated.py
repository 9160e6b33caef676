"""The simulated ESXi below the installed system: `simulated.py make|show|name`; the simulation is in /userland."""

import json
import os
import sys

sys.path.insert(0, '/userland')
import machine  # noqa: E402

STATE = os.environ['ESXI_STATE']
CARDS = '/sys/class/net'
# A file with it is one that ESXi keeps over a restart.
STICKY = 0o1000


def make():
    """A host as its installer leaves it, with this machine's cards."""
    nics = []
    for name in sorted(name for name in os.listdir(CARDS) if name != 'lo'):
        with open('%s/%s/address' % (CARDS, name)) as file:
            nics.append({'name': 'vmnic%d' % len(nics), 'mac': file.read().strip()})
    state = machine.installed(nics)
    state['root'] = '/'
    for path, entry in state['files'].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(entry['text'])
        os.chmod(path, entry['mode'])
    with open(STATE, 'w') as file:
        json.dump(state, file)


def show():
    """One line: the state, with the files that are there now."""
    state = read()
    for folder, _, names in os.walk('/etc'):
        for path in (os.path.join(folder, name) for name in names):
            mode = os.stat(path).st_mode & 0o7777
            if mode & STICKY or path in state['files']:
                with open(path, encoding='utf-8') as file:
                    state['files'][path] = {'mode': mode, 'text': file.read()}
    print(json.dumps(state))


def name():
    state = read()
    print('.'.join(part for part in (state['host'], state['domain']) if part))


def read():
    with open(STATE) as file:
        return json.load(file)


{'make': make, 'show': show, 'name': name}[sys.argv[1]]()
