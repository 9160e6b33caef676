"""Datastores: the default one grown to the end of its disk, others made on disks of their own."""

from actions import Command, Failed
from ask import ask, release
from disks import VMFS, Partitions, choose, read_disks
from output import number, table

# Sectors at both ends of a disk where labels and tables stand.
ENDS = 2048


def plan_datastores(host, config):
    wanted = config.get('datastores', [])
    if not wanted:
        return []
    disks = read_disks(host)
    extents = read_extents(host)
    actions = []
    for store in wanted:
        if store['disks'] == 'boot':
            actions += plan_default(host, store, disks, extents)
        else:
            actions += plan_store(host, store, choose(disks, store['disks']), extents)
    return actions


def read_extents(host):
    """(datastore, disk, partition) in the order of the extents."""
    rows = table(ask(host, 'storage vmfs extent list'))
    rows.sort(key=lambda row: (row['Volume Name'], number(row['Extent Number'])))
    return [(row['Volume Name'], row['Device Name'], number(row['Partition'])) for row in rows]


def plan_default(host, store, disks, extents):
    boot = next((disk for disk in disks if disk.boot), None)
    if boot is None:
        raise Failed('which disk ESXi was installed on is not known')
    found = next((extent for extent in extents if extent[1] == boot.name), None)
    if found is None:
        return make_default(host, store, boot)
    actions = []
    if found[0] != store['name']:
        actions.append(Command(['vim-cmd', 'hostsvc/datastore/rename', found[0], store['name']]))
    return actions + grow(host, boot, found[2])


def make_default(host, store, boot):
    partitions = Partitions(host, boot)
    index = 8 if release(host) >= (7,) else 3
    if any(row[0] == index for row in partitions.rows):
        raise Failed('partition %d of %s is there and has no datastore' % (index, boot.name))
    first = max([row[2] for row in partitions.rows] or [ENDS]) + 1
    first = (first + ENDS - 1) // ENDS * ENDS
    row = '%d %d %d %s 0' % (index, first, partitions.read_last(host, boot), VMFS)
    return [
        Command(['partedUtil', 'add', boot.path, 'gpt', row]),
        Command(['vmkfstools', '-C', 'vmfs6', '-S', store['name'], '%s:%d' % (boot.path, index)]),
    ]


def grow(host, disk, index):
    partitions = Partitions(host, disk)
    row = next((each for each in partitions.rows if each[0] == index), None)
    last = partitions.read_last(host, disk)
    if row is None or row[2] >= last or any(each[1] > row[1] for each in partitions.rows):
        return []
    path = '%s:%d' % (disk.path, index)
    return [
        Command(['partedUtil', 'fixGpt', disk.path]),
        Command(['partedUtil', 'resize', disk.path, str(index), str(row[1]), str(last)]),
        Command(['vmkfstools', '--growfs', path, path]),
    ]


def plan_store(host, store, disks, extents):
    name = store['name']
    has = [disk for each, disk, _ in extents if each == name]
    wanted = [disk.name for disk in disks]
    if has != wanted[:len(has)]:
        raise Failed('datastore %s is on %s, not on %s' % (name, ', '.join(has), ', '.join(wanted)))
    actions = []
    for disk in disks[len(has):]:
        actions += clean(host, disk, store.get('wipe') or 'none')
        path = '%s:1' % disk.path
        if disk is disks[0]:
            actions.append(Command(['vmkfstools', '-C', 'vmfs6', '-S', name, path]))
        else:
            actions.append(Command(['vmkfstools', '-Z', path, '%s:1' % disks[0].path]))
    return actions


def clean(host, disk, wipe):
    """An empty disk with one partition for VMFS."""
    partitions = Partitions(host, disk)
    if partitions.rows and wipe == 'none':
        raise Failed('%s has partitions, and wipe is none: it is left alone' % disk.name)
    actions = []
    if wipe == 'superblock' and partitions.rows:
        actions.append(dd('/dev/zero', disk, 0, 16))
        # What is there of a table at the end.
        actions.append(dd('/dev/zero', disk, disk.size // 1048576 - 16, 16))
    elif wipe in ('zero', 'random'):
        source = '/dev/zero' if wipe == 'zero' else '/dev/urandom'
        actions.append(dd(source, disk, 0, disk.size // 1048576))
    last = disk.size // 512 - ENDS - 1
    return actions + [
        Command(['partedUtil', 'mklabel', disk.path, 'gpt']),
        Command(['partedUtil', 'setptbl', disk.path, 'gpt', '1 %d %d %s 0' % (ENDS, last, VMFS)]),
    ]


def dd(source, disk, seek, count):
    return Command(['dd', 'if=' + source, 'of=' + disk.path, 'bs=1M', 'seek=%d' % seek, 'count=%d' % count,
                    'conv=notrunc'])
