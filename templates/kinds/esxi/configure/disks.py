"""The host's disks and what is on them."""

from actions import Failed
from ask import ask, ask_anyhow
from output import blocks, fields, number, table, truth

FOLDER = '/vmfs/devices/disks/'
VMFS = 'AA31E02A400F11DB9590000C2911D1B8'


class Disk:
    """`size` in bytes."""

    def __init__(self, name, values):
        self.name = name
        self.path = FOLDER + name
        self.model = ' '.join(values.get('Model', '').split())
        self.size = number(values.get('Size')) * 1048576
        self.boot = truth(values.get('Is Boot Device'))
        self.serial = None


def read_disks(host):
    disks = []
    for name, values in blocks(ask(host, 'storage core device list')):
        if values.get('Device Type') == 'Direct-Access' and not truth(values.get('Is Removable')):
            disks.append(Disk(name, values))
    read_nvme_serials(host, disks)
    return disks


def read_nvme_serials(host, disks):
    """The name of a SATA disk ends with its serial number; that of an NVMe disk is asked from its controller."""
    controllers = table(ask_anyhow(host, 'nvme device list'))
    paths = blocks(ask_anyhow(host, 'storage core path list')) if controllers else []
    for row in controllers:
        adapter = row['HBA Name']
        values = fields(ask_anyhow(host, 'nvme device get', ('--adapter', adapter)))
        names = [path.get('Device') for _, path in paths if path.get('Adapter') == adapter]
        for disk in disks:
            if disk.name in names:
                disk.serial = values.get('Serial Number')


def fits(disk, match):
    if match.get('device') and disk.name != match['device']:
        return False
    if match.get('model') and ' '.join(match['model'].lower().split()) not in disk.model.lower():
        return False
    if disk.size < (match.get('minSize') or 0):
        return False
    return not match.get('serial') or has_serial(disk, match['serial'])


def has_serial(disk, serial):
    if disk.serial:
        return disk.serial.strip() == serial.strip()
    name = disk.name.lower()
    wanted = serial.strip().replace(' ', '_').lower()
    return name.endswith('_' + wanted) or name.split('.', 1)[-1] == wanted


def choose(disks, matches):
    """A disk for each match. It refuses rather than guesses when more disks fit than are wanted. @raises Failed"""
    chosen = []
    for match in matches:
        fitting = [disk for disk in disks if fits(disk, match) and disk not in chosen and not disk.boot]
        if not fitting:
            present = ', '.join('%s (%s)' % (disk.name, disk.model) for disk in disks)
            raise Failed('no free disk is %s; there are: %s' % (shown(match), present))
        alike = [each for each in matches if each == match]
        if len(fitting) + sum(1 for disk in chosen if fits(disk, match)) > len(alike):
            raise Failed('%d disks are %s: %s' % (
                len(fitting), shown(match), ', '.join(disk.name for disk in fitting)))
        chosen.append(fitting[0])
    return chosen


def shown(match):
    return ', '.join('%s %s' % (key, match[key]) for key in sorted(match) if match[key] is not None)


class Partitions:
    """A disk's table: `rows` are (number, first, last) in sectors, `last` is the last sector that can be used."""

    def __init__(self, host, disk):
        listed = lines(host, ['partedUtil', 'getptbl', disk.path])
        self.label = listed[0].strip()
        self.rows = [tuple(int(word) for word in line.split()[:3]) for line in listed[2:]]
        self.last = None

    def read_last(self, host, disk):
        self.last = int(lines(host, ['partedUtil', 'getUsableSectors', disk.path])[0].split()[1])
        return self.last


def lines(host, argv):
    status, text = host.run(argv)
    if status != 0:
        raise Failed('%s: %s' % (' '.join(argv), ' '.join(text.split())), status)
    return [line for line in text.splitlines() if line.strip()]
