"""The simulated ESXi below the installed system: `simulated.py make|show|name`; the simulation is in /userland."""

import json
import os
import sys

sys.path.insert(0, '/userland')
import machine  # noqa: E402

STATE = os.environ['ESXI_STATE']
CARDS = '/sys/class/net'
BLOCKS = '/sys/block'
GIB_SECTORS = 2097152
OTHER = '2AE031AA0F40DB11959000000C2911D1'
VMFS = 'AA31E02A400F11DB9590000C2911D1B8'
# A file with it is one that ESXi keeps over a restart.
STICKY = 0o1000


def make():
    """A host as its installer leaves it, with this machine's cards."""
    nics = []
    for name in sorted(name for name in os.listdir(CARDS) if name != 'lo'):
        with open('%s/%s/address' % (CARDS, name)) as file:
            nics.append({'name': 'vmnic%d' % len(nics), 'mac': file.read().strip()})
    disks = simulated_disks(os.environ['ESXI_DISK'])
    boot = next(disk for disk in disks if disk['boot'])
    state = machine.installed(nics, {
        'disks': disks, 'extents': [{'volume': 'datastore1', 'number': 0, 'device': boot['name'], 'partition': 8}]})
    state['root'] = '/'
    for path, entry in state['files'].items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(entry['text'])
        os.chmod(path, entry['mode'])
    with open(STATE, 'w') as file:
        json.dump(state, file)


def simulated_disks(system):
    """This machine's disks by the names of disks.sh, as large as ESXi needs them; the system's as ESXi 8 parts it."""
    disks = []
    for name in sorted(name for name in os.listdir(BLOCKS) if name.startswith('vd')):
        with open('%s/%s/serial' % (BLOCKS, name)) as file:
            serial = file.read().strip()
        boot = '/dev/' + name == system
        partitions = [(1, 64, 204863, OTHER), (7, 8595456, 67108863, OTHER), (8, 67110912, 100 * GIB_SECTORS - 1, VMFS)]
        disks.append({
            'name': 'naa.' + serial if serial else 'mpx.vmhba1:C0:T%d:L0' % len(disks), 'sizeMb': 200 * 1024,
            'vendor': 'QEMU', 'model': 'VIRTIO DISK', 'boot': boot, 'label': 'gpt' if boot else 'unknown',
            'partitions': [{'n': n, 'first': first, 'last': last, 'guid': guid} for n, first, last, guid in partitions] if boot else []})
    return disks


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
