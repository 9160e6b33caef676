import { ProvisionError } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { type Converted, Source } from './converted.ts'

/** A disk of curtin's, by what ESXi finds it again. */
interface Disk {
  readonly id: string
  readonly path: string
  readonly serial: string | undefined
  readonly wipe: string
  /** Whether the system is on it. */
  readonly isBoot: boolean
}

interface Datastore {
  readonly name: string
  readonly path: string
  /** Ids of partitions, or of whole disks. */
  readonly devices: readonly string[]
}

interface Found {
  readonly disks: Map<string, Disk>
  /** The id of the disk, by that of its partition. */
  readonly partitions: Map<string, string>
  readonly datastores: Datastore[]
  /** Disks that a partition says the system is on. */
  readonly bootDisks: Set<string>
  readonly warnings: string[]
}

/** curtin's ways to wipe that have a counterpart; `superblock-recursive` wipes what stands on the disk too, which goes with its table. */
const WIPES: { readonly [wipe: string]: string } = {
  superblock: 'superblock',
  'superblock-recursive': 'superblock',
  zero: 'zero',
  random: 'random',
}

/**
 * Reads version 1 of curtin's storage configuration, as far as ESXi can do it and as MAAS gives it to machines with ESXi: datastores on whole
 * disks, and the one on the disk of the system. The other partitions of that disk are its installer's matter.
 * @param document with `version` and `config`, or with these below `storage`
 * @throws {ProvisionError} invalid, with the path of what is wrong or cannot be made
 */
export function fromCurtinStorage(document: Json): Converted {
  const found: Found = {
    ...{ disks: new Map(), partitions: new Map(), datastores: [] },
    ...{ bootDisks: new Set(), warnings: [] },
  }
  const outer = new Source(document, '')
  const storage = outer.object('storage') ?? new Source(document, 'storage')
  const version = storage.get('version') ?? 1
  if (version !== 1) throw wrong(`storage.version ${JSON.stringify(version)} cannot be read; version 1 can`)
  for (const item of storage.objects('config')) {
    readItem(item, found)
    found.warnings.push(...item.leftOver)
  }
  found.warnings.push(...storage.leftOver)
  const made = makeDatastores(found)
  return { config: made.length === 0 ? {} : { datastores: made }, warnings: found.warnings }
}

function readItem(item: Source, found: Found): void {
  const type = item.need('type')
  const read = ITEMS[type]
  if (read === undefined) throw wrong(`${item.at('type')} ${type} cannot be made on ESXi; there are ${KNOWN}`)
  item.ignore('name', 'preserve')
  read(item, found)
}

const ITEMS: { readonly [type: string]: (item: Source, found: Found) => void } = {
  disk: (item, { disks, warnings }) => {
    // A model is called otherwise by ESXi than by Linux, and cut short; a path is Linux's alone.
    item.ignore('model', 'path', 'wwn')
    const table = item.text('ptable') ?? 'gpt'
    if (table !== 'gpt') warnings.push(`${item.at('ptable')} is ${table}, and ESXi makes gpt`)
    const disk = {
      ...{ id: item.need('id'), path: item.path, serial: serialOf(item) },
      ...{ wipe: wipeOf(item), isBoot: isSet(item, 'grub_device') },
    }
    if (disks.has(disk.id)) throw wrong(`${item.at('id')} ${disk.id} is that of another disk too`)
    disks.set(disk.id, disk)
  },
  partition: (item, { partitions, bootDisks }) => {
    // The size as well: a datastore has all of its disk, as MAAS' own program makes it.
    item.ignore('number', 'offset', 'size', 'uuid', 'flag', 'wipe', 'partition_name', 'partition_type')
    const disk = item.need('device')
    partitions.set(item.need('id'), disk)
    if (isSet(item, 'grub_device')) bootDisks.add(disk)
  },
  vmfs6: (item, { datastores }) => {
    item.ignore('id')
    const devices = item.texts('devices')
    if (devices.length === 0) throw wrong(`${item.path} needs devices`)
    datastores.push({ name: item.text('name') ?? item.need('id'), path: item.path, devices })
  },
  format: (item) => {
    const fstype = item.need('fstype')
    if (!/^vmfs6?$/.test(fstype)) throw wrong(`${item.at('fstype')} ${fstype} cannot be made on ESXi; there is vmfs6`)
    item.ignore('id', 'volume', 'label', 'uuid')
  },
  mount: (item) => {
    item.ignore('id', 'device')
    if (item.text('path')?.startsWith('/vmfs/volumes/') !== true)
      throw wrong(`${item.path} is no datastore's: ESXi mounts nothing else`)
  },
}
const KNOWN = Object.keys(ITEMS).join(', ')

/** A number has lost how it was written: 007 is 7, 0010 may be 8, and the disk of that serial would be another one. */
function serialOf(item: Source): string | undefined {
  if (typeof item.get('serial') === 'number') throw wrong(`${item.at('serial')} is a number: put it in quotation marks`)
  return item.text('serial')
}

function isSet(item: Source, key: string): boolean {
  return item.get(key) === true
}

function wipeOf(item: Source): string {
  const wipe = item.text('wipe')
  if (wipe === undefined || isSet(item, 'preserve')) return 'none'
  const known = WIPES[wipe]
  if (known === undefined) throw wrong(`${item.at('wipe')} ${wipe} is none of ${Object.keys(WIPES).join(', ')}`)
  return known
}

function makeDatastores({ disks, partitions, datastores, bootDisks, warnings }: Found): readonly JsonObject[] {
  if (disks.size === 0 && datastores.length === 0) return []
  const all = [...disks.values()].map((disk) => ({ ...disk, isBoot: disk.isBoot || bootDisks.has(disk.id) }))
  const byId = new Map(all.map((disk) => [disk.id, disk]))
  if (!all.some(({ isBoot }) => isBoot)) {
    throw wrong('storage.config has no disk with grub_device: which one ESXi is installed on is not said')
  }
  const users = new Map<string, string>()
  const made = datastores.map(({ name, path, devices }) => {
    const own = devices.map((device) => {
      const disk = byId.get(partitions.get(device) ?? device)
      if (disk === undefined) throw wrong(`${path}.devices has ${device}, which is no disk and no partition of one`)
      const user = users.get(disk.id)
      if (user !== undefined)
        throw wrong(
          `${path} shares disk ${disk.id} with ${user === name ? 'itself' : user}: a datastore has whole disks`,
        )
      users.set(disk.id, name)
      return disk
    })
    return { name, ...disksOf(own, path) }
  })
  for (const { id, path, wipe, isBoot } of all) {
    if (!users.has(id) && !isBoot && wipe !== 'none')
      warnings.push(`${path}.wipe: disk ${id} has no datastore, and is left as it is`)
  }
  // So does MAAS' own program when nothing else is said.
  return made.length === 0 ? [{ name: 'datastore1', disks: 'boot' }] : made
}

function disksOf(disks: readonly Disk[], path: string): JsonObject {
  const [first, ...more] = disks
  if (first?.isBoot === true && more.length === 0) return { disks: 'boot' }
  const boot = disks.find(({ isBoot }) => isBoot)
  if (boot !== undefined)
    throw wrong(`${path} is on ${boot.id}, the disk of the system, and on others: that cannot be made`)
  const wipe = first?.wipe ?? 'none'
  const found = disks.map(({ id, serial, ...disk }) => {
    if (disk.wipe !== wipe)
      throw wrong(`${disk.path}.wipe ${disk.wipe} is not that of the other disks of the datastore`)
    if (serial === undefined) throw wrong(`${disk.path} needs serial: ESXi finds ${id} by nothing else that is here`)
    return { serial }
  })
  return { disks: found, wipe }
}

function wrong(message: string): ProvisionError {
  return new ProvisionError('invalid', message)
}
