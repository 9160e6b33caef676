import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readDescription } from '../../../../src/commands/config/read-description.ts'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'

const DISK_A = {
  id: 'sda',
  name: 'sda',
  type: 'disk',
  model: 'PERC H740P',
  serial: 'A1',
  ptable: 'gpt',
  wipe: 'superblock',
}
const BOOT = { ...DISK_A, grub_device: true }
const DISK_B = { ...DISK_A, id: 'sdb', name: 'sdb', serial: 'B 2' }
const DISK_C = { ...DISK_A, id: 'sdc', name: 'sdc', serial: 'C3' }
const partition = (device: string, number: number) => ({
  ...{ id: `${device}-part${number}`, name: `${device}-part${number}`, type: 'partition', device, number },
  ...{ size: '107365793792B', uuid: 'e2565df0-8ec8-4d0e-88a6-92836fce3f58', wipe: 'superblock' },
})
const vmfs = (name: string, ...devices: readonly string[]) => ({ id: name, name, type: 'vmfs6', devices })

function read(...config: readonly object[]) {
  return readWhole({ storage: { version: 1, config } })
}

/** Through the file, as an operator gives it; what is made of it must be right as a whole. */
function readWhole(document: object) {
  const { form, config, warnings } = readDescription(new Map([['curtin.yaml', JSON.stringify(document)]]))
  readHostConfig([config])
  return { form, config, warnings }
}

/** As MAAS makes it for its layout vmfs6, with a datastore added on two disks. */
const MAAS = [
  ...[BOOT, DISK_B, DISK_C],
  { ...partition('sda', 1), offset: '4194304B', flag: 'boot' },
  ...[2, 3, 5, 6, 7, 8, 9].map((number) => partition('sda', number)),
  vmfs('datastore1', 'sda-part3'),
  { ...partition('sdb', 1), offset: '4194304B' },
  { ...partition('sdc', 1), offset: '4194304B' },
  vmfs('fast', 'sdb-part1', 'sdc-part1'),
  { id: 'datastore1_format', type: 'format', fstype: 'vmfs6', volume: 'datastore1', label: null },
  { id: 'datastore1_mount', type: 'mount', device: 'datastore1_format', path: '/vmfs/volumes/datastore1' },
  { id: 'fast_format', type: 'format', fstype: 'vmfs6', volume: 'fast', label: null },
  { id: 'fast_mount', type: 'mount', device: 'fast_format', path: '/vmfs/volumes/fast' },
]

test('what MAAS gives becomes the default datastore and others on whole disks', () => {
  const { form, config, warnings } = read(...MAAS)
  assert.equal(form, "curtin's configuration")
  assert.deepEqual(warnings, [])
  assert.deepEqual(config, {
    datastores: [
      { name: 'datastore1', disks: 'boot' },
      { name: 'fast', disks: [{ serial: 'B 2' }, { serial: 'C3' }], wipe: 'superblock' },
    ],
  })
})

test('with no datastore at all the default one has the rest of its disk', () => {
  assert.deepEqual(read(BOOT).config, { datastores: [{ name: 'datastore1', disks: 'boot' }] })
  assert.deepEqual(read({ ...DISK_A, grub_device: false }, { ...partition('sda', 1), grub_device: true }).config, {
    datastores: [{ name: 'datastore1', disks: 'boot' }],
  })
})

test('a datastore may stand on a disk itself, and each way to wipe has its own', () => {
  for (const [wipe, meant] of [
    ['superblock', 'superblock'],
    ['superblock-recursive', 'superblock'],
    ['zero', 'zero'],
    ['random', 'random'],
    [null, 'none'],
  ] as const) {
    const { config } = read(BOOT, { ...DISK_B, wipe }, vmfs('fast', 'sdb'))
    assert.deepEqual(config, { datastores: [{ name: 'fast', disks: [{ serial: 'B 2' }], wipe: meant }] })
  }
  const kept = read(BOOT, { ...DISK_B, preserve: true }, vmfs('fast', 'sdb')).config
  assert.deepEqual(kept, { datastores: [{ name: 'fast', disks: [{ serial: 'B 2' }], wipe: 'none' }] })
})

test('storage alone is recognised, and beside networks both are taken over', () => {
  const alone = readWhole({ version: 1, config: MAAS })
  assert.equal(alone.form, "curtin's storage configuration")
  assert.deepEqual(alone.config, read(...MAAS).config)
  const both = readWhole({
    network: { version: 1, config: [{ type: 'physical', name: 'a', mac_address: '52:54:00:00:00:01' }] },
    storage: { version: 1, config: [BOOT] },
    late_commands: { x: 'reboot' },
  })
  assert.deepEqual(Object.keys(both.config).toSorted(), ['datastores', 'links'])
  assert.deepEqual(both.warnings, ['late_commands means nothing here, and is left out'])
})

test('what is left out is named', () => {
  const { warnings } = readWhole({
    storage: { version: 1, config: [{ ...BOOT, ptable: 'msdos', multipath: 'mpatha' }, DISK_B], swap: {} },
  })
  assert.deepEqual(warnings, [
    'storage.config[0].ptable is msdos, and ESXi makes gpt',
    'storage.config[0].multipath means nothing here, and is left out',
    'storage.swap means nothing here, and is left out',
    'storage.config[1].wipe: disk sdb has no datastore, and is left as it is',
  ])
})

const { serial: _serial, ...NAMELESS } = DISK_B

describe('what ESXi cannot have is refused', () => {
  const cases: readonly (readonly [string, readonly object[], RegExp])[] = [
    [
      'LVM',
      [BOOT, { id: 'vg', type: 'lvm_volgroup' }],
      /^storage\.config\[1\]\.type lvm_volgroup cannot be made on ESXi/,
    ],
    ['RAID', [BOOT, { id: 'md0', type: 'raid' }], /\.type raid cannot be made/],
    [
      'ext4',
      [BOOT, { id: 'f', type: 'format', fstype: 'ext4', volume: 'sda' }],
      /\.fstype ext4 cannot be made on ESXi/,
    ],
    ['a mount of Linux', [BOOT, { id: 'm', type: 'mount', device: 'f', path: '/srv' }], /\[1\] is no datastore's/],
    ['no disk of the system', [DISK_A, vmfs('x', 'sda')], /no disk with grub_device/],
    ['a datastore on nothing', [BOOT, vmfs('x')], /\[1\] needs devices$/],
    ['a datastore on an unknown disk', [BOOT, vmfs('x', 'sdz-part1')], /has sdz-part1, which is no disk/],
    ['a disk of two', [BOOT, DISK_B, vmfs('x', 'sdb'), vmfs('y', 'sdb')], /shares disk sdb with x/],
    [
      'two partitions of a disk',
      [BOOT, DISK_B, partition('sdb', 1), partition('sdb', 2), vmfs('x', 'sdb-part1', 'sdb-part2')],
      /shares disk sdb with itself/,
    ],
    [
      'the default one on more disks',
      [BOOT, DISK_B, vmfs('x', 'sda', 'sdb')],
      /on sda, the disk of the system, and on others/,
    ],
    [
      'two ways to wipe',
      [BOOT, DISK_B, { ...DISK_C, wipe: 'zero' }, vmfs('x', 'sdb', 'sdc')],
      /\[2\]\.wipe zero is not that/,
    ],
    ['an unknown way to wipe', [BOOT, { ...DISK_B, wipe: 'pvremove' }], /\.wipe pvremove is none of superblock/],
    ['a disk without serial', [BOOT, { ...NAMELESS, path: '/dev/sdb' }, vmfs('x', 'sdb')], /\[1\] needs serial/],
    ['a disk twice', [BOOT, BOOT], /\[1\]\.id sda is that of another disk too$/],
    [
      'a serial that was read as a number',
      [{ ...BOOT, serial: 10 }],
      /\.serial is a number: put it in quotation marks$/,
    ],
    ['a disk without id', [{ type: 'disk' }], /storage\.config\[0\] needs id$/],
    ['a name that ESXi refuses', [BOOT, vmfs(' x', 'sda')], /^config\.datastores\[0\]\.name is " x"/],
  ]
  for (const [what, config, expected] of cases) {
    test(what, () => {
      assert.throws(() => read(...config), { name: 'ProvisionError', kind: 'invalid', message: expected })
    })
  }

  test('version 2', () => {
    const document = { storage: { version: 2, config: [BOOT] } }
    assert.throws(() => readWhole(document), { message: /^storage\.version 2 cannot be read; version 1 can$/ })
  })
})
