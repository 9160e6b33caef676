import { isJsonObject } from '../json.ts'
import { flag, line, lineLike, oneOf, type ReadValue, refuse } from '../setting-rules.ts'
import type { Certificate, Datastore, DiskMatch, Login, Service, User, Values, WrittenFile } from './model.ts'
import { lacks, lines, list, object, one, type ReadPart, wrong } from './parts.ts'
import { esxiName, passwordHash, pem, sshKey, text } from './values.ts'

const LOGIN = { passwordHash: one(passwordHash), sshKeys: lines(one(sshKey)) }

/** How root logs in. */
export const login: ReadPart<Login> = (value, path, problems) => {
  const read = object<Login>(LOGIN)(value, path, problems)
  return { passwordHash: read?.passwordHash, sshKeys: read?.sshKeys ?? [] }
}

const USER = object<User>({
  ...LOGIN,
  // What both useradd and ESXi take.
  name: one(lineLike(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name of small letters, digits, _ and -')),
  description: one(line),
  admin: one(flag),
})

export const user: ReadPart<User> = (value, path, problems) => {
  const { name, passwordHash, sshKeys = [], description, admin = false } = USER(value, path, problems) ?? {}
  if (name === undefined) return lacks(value, 'name') ? wrong(path, 'needs a name', problems) : undefined
  if (name === 'root') return wrong(path, 'is root, who has a place of his own: config.root', problems)
  return { name, passwordHash, sshKeys, description, admin }
}

/** A service: an object, or just whether it is on. */
export const service: ReadPart<Service> = (value, path, problems) => {
  const given = typeof value === 'boolean' ? { enabled: value } : value
  return { enabled: object<Service>({ enabled: one(flag) })(given, path, problems)?.enabled }
}

export const certificate: ReadPart<Certificate> = (value, path, problems) => {
  const parts = { certificate: one(pem('CERTIFICATE')), key: one(pem('PRIVATE KEY')) }
  const { certificate, key } = object<Certificate>(parts)(value, path, problems) ?? {}
  if (certificate !== undefined && key !== undefined) return { certificate, key }
  if (lacks(value, 'certificate') || lacks(value, 'key'))
    return wrong(path, 'needs a certificate and its key', problems)
  return undefined
}

const UNITS: { readonly [unit: string]: number } = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** A size in bytes, as a number or with a unit as disks are sold: `480GB`. */
const size: ReadValue<number> = (value) => {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?) ?(?:([KMGT])?B?)$/i.exec(String(value)) ?? []
  const factor = UNITS[unit.toUpperCase()]
  if (number === undefined || factor === undefined) return refuse(value, 'must be a size like 480GB')
  return Math.round(Number(number) * factor)
}

const word = lineLike(/./, 'a text that is not empty')

const disk: ReadPart<DiskMatch> = (value, path, problems) => {
  // ESXi's own names of disks begin so; everything else alone is a serial.
  const given =
    typeof value === 'string' ? { [/^(?:naa|eui|t10|mpx)\./.test(value) ? 'device' : 'serial']: value } : value
  const parts = { serial: one(word), model: one(word), minSize: one(size), device: one(word) }
  const read = object<DiskMatch>(parts)(given, path, problems)
  if (read === undefined) return undefined
  // Without any of these it would be any disk, and perhaps a wiped one.
  if (isJsonObject(given) && Object.values(given).every((inner) => inner === null))
    return wrong(path, 'needs a serial, model, minSize or device', problems)
  return { serial: read.serial, model: read.model, minSize: read.minSize, device: read.device }
}

const DATASTORE = object<Datastore>({
  name: one(esxiName),
  disks: (value, path, problems) => (value === 'boot' ? 'boot' : list(disk)(value, path, problems)),
  wipe: one(oneOf('none', 'superblock', 'zero', 'random')),
})

export const datastore: ReadPart<Datastore> = (value, path, problems) => {
  const before = problems.length
  const { name, disks = [], wipe = 'none' } = DATASTORE(value, path, problems) ?? {}
  if (name === undefined) return lacks(value, 'name') ? wrong(path, 'needs a name', problems) : undefined
  if (disks.length === 0 && problems.length > before) return undefined
  if (disks.length === 0) return wrong(path, 'needs disks: boot, or a list of them', problems)
  if (disks === 'boot' && wipe !== 'none')
    return wrong(path, 'is on the disk of the system itself: wipe does not go with that', problems)
  return { name, disks, wipe }
}

/** Values by name. */
export const values: ReadPart<Values> = (value, path, problems) => {
  if (!isJsonObject(value)) return wrong(path, 'must be an object', problems)
  const read = Object.entries(value).flatMap(([name, inner]): (readonly [string, string | number | boolean])[] => {
    if (!/^[A-Za-z0-9_./-]{1,200}$/.test(name)) wrong(`${path}.${name}`, 'is no name of a setting', problems)
    else if (typeof inner === 'number' || typeof inner === 'boolean') return [[name, inner]]
    else if (inner !== null) {
      const text = one(line)(inner, `${path}.${name}`, problems)
      return text === undefined ? [] : [[name, text]]
    }
    return []
  })
  return Object.fromEntries(read)
}

const FILE = object<WrittenFile>({
  path: one(lineLike(/^(?!.*\/\.\.?(?:\/|$))\/[\x21-\x7e]+$/, 'a path from / on, without .. in it')),
  content: one(text),
  mode: one(lineLike(/^0?[0-7]{3}$/, 'permissions in octal, 0644')),
})

export const file: ReadPart<WrittenFile> = (value, path, problems) => {
  const { path: where, content = '', mode = '0644' } = FILE(value, path, problems) ?? {}
  if (where === undefined) return lacks(value, 'path') ? wrong(path, 'needs a path', problems) : undefined
  return { path: where, content, mode: mode.padStart(4, '0') }
}
