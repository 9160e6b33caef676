import type { Case, Config } from './case.ts'

const GB = 1000 ** 3
const VMFS = 'AA31E02A400F11DB9590000C2911D1B8'
const OTHER = '2AE031AA0F40DB11959000000C2911D1'
const BOOT = 't10.ATA_____QEMU_HARDDISK___________________________QM00001_____________'

function disk(name: string, sizeMb: number, more: Config = {}): Config {
  return { name, sizeMb, model: 'QEMU HARDDISK', label: 'unknown', partitions: [], ...more }
}

/** The boot disk of ESXi 7 and later; its datastore ends where its image did. */
function bootDisk(last: number | undefined, index = 8): Config {
  const partitions = [
    { n: 1, first: 64, last: 204863, guid: OTHER },
    { n: 7, first: 8595456, last: 67108863, guid: OTHER },
    ...(last === undefined ? [] : [{ n: index, first: 67110912, last, guid: VMFS }]),
  ]
  return disk(BOOT, 100_000, { label: 'gpt', boot: true, partitions })
}

function extent(volume: string, device: string, partition: number, number = 0): Config {
  return { volume, number, device, partition }
}

const used = { label: 'gpt', partitions: [{ n: 1, first: 2048, last: 409_600, guid: OTHER }] }
const DATA = [
  bootDisk(134_217_727),
  disk('t10.ATA_____SAMSUNG_MZ7LH960_____________________S45NNA0M', 900_000, { model: 'SAMSUNG MZ7LH960' }),
  disk('t10.ATA_____SAMSUNG_MZ7LH960_____________________S45NNA0N', 900_000, { model: 'SAMSUNG MZ7LH960', ...used }),
  disk('eui.0025385b71b00001', 1_900_000, { model: 'INTEL SSDPE2KX', adapter: 'vmhba2', serial: 'PHLN123 456' }),
  disk('naa.600508b1001c0042', 3_000_000, { model: 'LOGICAL VOLUME' }),
  disk('mpx.vmhba32:C0:T0:L0', 7_500, { model: 'Flash Drive', removable: true }),
]
/** A host with a disk of each kind; that of the system is the first. */
export const STORAGE_HOST = { disks: DATA, extents: [extent('datastore1', BOOT, 8)] }
const host = STORAGE_HOST
const on = (disks: 'boot' | readonly Config[], wipe = 'none', name = 'data'): Config => ({
  datastores: [{ name, disks, wipe }],
})

/** Datastores. */
export const STORAGE: readonly Case[] = [
  { name: 'default-datastore-grows', host, config: on('boot', 'none', 'datastore1') },
  { name: 'default-datastore-gets-another-name', host, config: on('boot', 'none', 'esx1-local') },
  {
    name: 'default-datastore-is-as-large-as-it-can-be',
    host: { disks: [bootDisk(204_799_966)], extents: [extent('datastore1', BOOT, 8)] },
    config: on('boot', 'none', 'datastore1'),
  },
  {
    name: 'default-datastore-is-missing',
    host: { disks: [bootDisk(undefined)] },
    config: on('boot', 'none', 'datastore1'),
  },
  {
    name: 'default-datastore-is-missing-on-6.7',
    host: { version: '6.7.0', disks: [bootDisk(undefined)] },
    config: on('boot', 'none', 'datastore1'),
  },
  { name: 'disk-by-serial', host, config: on([{ serial: 'S45NNA0M' }]) },
  { name: 'nvme-by-serial', host, config: on([{ serial: 'PHLN123 456' }]) },
  { name: 'disk-by-size', host, config: on([{ minSize: 2500 * GB }]) },
  { name: 'disk-by-device', host, config: on([{ device: 'naa.600508b1001c0042' }]) },
  {
    name: 'two-disks-of-a-model-one-after-the-other',
    host,
    config: on([{ model: 'samsung mz7lh960' }, { model: 'samsung mz7lh960' }], 'superblock'),
  },
  {
    name: 'several-datastores',
    host,
    config: {
      datastores: [
        { name: 'datastore1', disks: 'boot', wipe: 'none' },
        { name: 'fast', disks: [{ model: 'INTEL' }], wipe: 'none' },
        { name: 'large', disks: [{ minSize: 2500 * GB }, { serial: 'S45NNA0M' }], wipe: 'none' },
      ],
    },
  },
  {
    name: 'disk-with-partitions-is-left-alone',
    host,
    config: on([{ serial: 'S45NNA0N' }]),
    ends: 'partly',
    says: 'has partitions, and wipe is none',
  },
  ...['superblock', 'zero', 'random'].map(
    (wipe): Case => ({ name: `disk-is-wiped-${wipe}`, host, config: on([{ serial: 'S45NNA0N' }], wipe) }),
  ),
  {
    name: 'disk-is-absent',
    host,
    config: on([{ serial: 'NONE' }]),
    ends: 'partly',
    says: 'no free disk is serial NONE',
  },
  { name: 'disks-alike', host, config: on([{ model: 'SAMSUNG' }]), ends: 'partly', says: '2 disks are model SAMSUNG' },
  {
    name: 'boot-disk-is-never-taken',
    host,
    config: on([{ device: BOOT }], 'zero'),
    ends: 'partly',
    says: 'no free disk is device',
  },
  {
    name: 'datastore-gets-a-second-disk',
    host: {
      disks: DATA.map((each) =>
        each['name'] === 'naa.600508b1001c0042'
          ? { ...each, label: 'gpt', partitions: [{ n: 1, first: 2048, last: 6_143_997_951, guid: VMFS }] }
          : each,
      ),
      extents: [extent('datastore1', BOOT, 8), extent('data', 'naa.600508b1001c0042', 1)],
    },
    config: on([{ device: 'naa.600508b1001c0042' }, { serial: 'S45NNA0M' }]),
  },
  {
    name: 'datastore-is-on-another-disk',
    host: { ...host, extents: [extent('data', 'naa.600508b1001c0042', 1)] },
    config: on([{ serial: 'S45NNA0M' }]),
    ends: 'partly',
    says: 'datastore data is on naa.600508b1001c0042',
  },
]
