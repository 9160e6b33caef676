"""Disks: esxcli storage and nvme, partedUtil, vmkfstools, dd. Sectors have 512 bytes."""

import re

import texts
from machine import Refused, find
from options import Option, esxcli

FOLDER = '/vmfs/devices/disks/'
VMFS = 'AA31E02A400F11DB9590000C2911D1B8'


@esxcli('storage core device list')
def device_list(state):
    return texts.blocks([(disk['name'], [
        ('Display Name', 'Local %s Disk (%s)' % (disk.get('vendor', 'ATA'), disk['name'])),
        ('Has Settable Display Name', True), ('Size', disk['sizeMb']), ('Device Type', disk.get('type', 'Direct-Access')),
        ('Multipath Plugin', 'HPP'), ('Devfs Path', FOLDER + disk['name']), ('Vendor', disk.get('vendor', 'ATA     ')),
        ('Model', disk['model'].ljust(16)), ('Revision', '1.0'), ('Is Pseudo', False), ('Status', 'on'),
        ('Is Local', True), ('Is Removable', disk.get('removable', False)), ('Is SSD', True), ('Is Offline', False),
        ('Is Boot Device', disk.get('boot', False))]) for disk in state['disks']])


@esxcli('storage core path list')
def path_list(state):
    return texts.blocks([('pcie.%s-%s' % (disk.get('adapter', 'vmhba0'), disk['name']), [
        ('UID', 'pcie.' + disk['name']), ('Device', disk['name']), ('Adapter', disk.get('adapter', 'vmhba0')),
        ('State', 'active')]) for disk in state['disks']])


@esxcli('nvme device list')
def nvme_list(state):
    rows = [[disk['adapter'], 'Online', 'nvmeMgmt-' + disk['adapter']] for disk in state['disks'] if 'serial' in disk]
    return texts.table(['HBA Name', 'Status', 'Signature'], rows) if rows else ''


@esxcli('nvme device get', Option('adapter', 'A', True))
def nvme_get(state, adapter):
    disk = next((disk for disk in state['disks'] if disk.get('adapter') == adapter and 'serial' in disk), None)
    if disk is None:
        raise Refused('Unknown adapter %s' % adapter)
    return texts.fields([('PCIVID', '0x144d'), ('Serial Number', disk['serial']), ('Model Number', disk['model'])])


@esxcli('storage vmfs extent list')
def extent_list(state):
    if not state['extents']:
        return ''
    rows = [[each['volume'], '5bc7459f-967eeb48-b3f7-20677cd9a16c', each['number'], each['device'], each['partition']]
            for each in state['extents']]
    return texts.table(['Volume Name', 'VMFS UUID', 'Extent Number', 'Device Name', 'Partition'], rows,
                       ('Extent Number', 'Partition'))


def disk_of(state, path):
    disk = find(state['disks'], path[len(FOLDER):]) if path.startswith(FOLDER) else None
    if disk is None:
        raise Refused('Error: Could not stat device %s- No such file or directory.' % path)
    return disk


def sectors(disk):
    return disk['sizeMb'] * 2048


def partition_of(disk, number):
    return next((part for part in disk['partitions'] if part['n'] == number), None)


def parted_util(state, words):
    verb, path = words[0], words[1]
    disk = disk_of(state, path)
    if verb == 'getptbl':
        head = '%s\n%d 255 63 %d\n' % (disk['label'], sectors(disk) // (255 * 63), sectors(disk))
        return head + ''.join('%d %d %d %s vmfs 0\n' % (p['n'], p['first'], p['last'], p['guid']) for p in disk['partitions'])
    if verb == 'getUsableSectors':
        if disk['label'] != 'gpt':
            raise Refused('Error: Unrecognized disk label')
        return '34 %d\n' % (sectors(disk) - 34)
    if verb == 'fixGpt':
        return ''
    if verb == 'mklabel' and words[2:] == ['gpt']:
        require_idle(state, disk)
        disk.update(label='gpt', partitions=[])
        return ''
    if verb == 'setptbl' and words[2] == 'gpt':
        require_idle(state, disk)
        disk.update(label='gpt', partitions=[])
        for row in words[3:]:
            add_partition(disk, row)
        return ''
    if verb == 'add' and words[2] == 'gpt':
        add_partition(disk, words[3])
        return ''
    if verb == 'resize':
        return resize(disk, [int(word) for word in words[2:]])
    raise Refused('Usage: partedUtil ...')


def require_idle(state, disk):
    if disk.get('boot'):
        raise Refused('Error: Read-only file system during write on %s' % disk['name'])
    if any(extent['device'] == disk['name'] for extent in state['extents']):
        raise Refused('Error: %s is in use' % disk['name'])


def add_partition(disk, row):
    match = re.match(r'(\d+) (\d+) (\d+) ([0-9A-F]{32}) (\d+)$', row)
    if match is None or disk['label'] != 'gpt':
        raise Refused('Error: invalid partition %s' % row)
    number, first, last = (int(match.group(index)) for index in (1, 2, 3))
    overlaps = any(first <= part['last'] and part['first'] <= last for part in disk['partitions'])
    if overlaps or partition_of(disk, number) or not 34 <= first < last <= sectors(disk) - 34:
        raise Refused('Error: invalid partition %s' % row)
    disk['partitions'].append({'n': number, 'first': first, 'last': last, 'guid': match.group(4)})


def resize(disk, numbers):
    number, first, last = numbers
    part = partition_of(disk, number)
    if part is None or first != part['first'] or last < part['last'] or last > sectors(disk) - 34:
        raise Refused('Error: Unable to resize partition %d' % number)
    if any(first <= other['last'] and other['first'] <= last for other in disk['partitions'] if other is not part):
        raise Refused('Error: overlapping partition')
    part['last'] = last
    return ''


def volume_part(state, path):
    """The disk and partition of `/vmfs/devices/disks/NAME:N`."""
    match = re.match(r'(.*):(\d+)$', path)
    if match is None:
        raise Refused('Invalid argument %s' % path)
    disk = disk_of(state, match.group(1))
    part = partition_of(disk, int(match.group(2)))
    if part is None or part['guid'] != VMFS:
        raise Refused('Failed to open %s: no VMFS partition' % path)
    return disk, part


def vmkfstools(state, words):
    extents = state['extents']
    if words[0] == '--growfs' and len(words) == 3 and words[1] == words[2]:
        disk, part = volume_part(state, words[1])
        for extent in extents:
            if (extent['device'], extent['partition']) == (disk['name'], part['n']):
                extent['last'] = part['last']
                return ''
        raise Refused('Failed to grow: no such volume')
    disk, part = volume_part(state, words[-1] if words[0] == '-C' else words[1])
    if any((each['device'], each['partition']) == (disk['name'], part['n']) for each in extents):
        raise Refused('Device or resource busy')
    if words[0] == '-C' and words[1] == 'vmfs6' and words[2] == '-S' and len(words) == 5:
        if any(each['volume'] == words[3] for each in extents):
            raise Refused('The name %s already exists' % words[3])
        extents.append(extent_of(words[3], 0, disk, part))
        return 'Successfully created new volume: 5bc7459f-967eeb48-b3f7-20677cd9a16c\n'
    if words[0] == '-Z' and len(words) == 3:
        head, first = volume_part(state, words[2])
        volume = next(each for each in extents if (each['device'], each['partition']) == (head['name'], first['n']))
        count = sum(1 for each in extents if each['volume'] == volume['volume'])
        extents.append(extent_of(volume['volume'], count, disk, part))
        return ''
    raise Refused('Usage: vmkfstools ...')


def extent_of(volume, number, disk, part):
    return {'volume': volume, 'number': number, 'device': disk['name'], 'partition': part['n'], 'last': part['last']}


def dd(state, words):
    values = dict(word.split('=', 1) for word in words)
    disk = disk_of(state, values['of'])
    require_idle(state, disk)
    if values.get('conv') != 'notrunc' or values.get('bs') != '1M' or int(values['seek']) + int(values['count']) > disk['sizeMb']:
        raise Refused('dd: invalid arguments')
    disk.setdefault('wiped', []).append('%s %s+%s' % (values['if'], values['seek'], values['count']))
    if values['seek'] == '0':
        disk.update(label='unknown', partitions=[])
    return ''
