import { ProvisionError } from '../../core/errors.ts'
import type { Sighting } from '../../core/greet.ts'
import type { Firmware } from '../../core/host.ts'
import { type Identity, type Mac, quoted, readMac, readSerial, readUuid } from '../../core/identity.ts'

/** A parsed query string; a name that comes twice has a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

const MOST_PARAMETERS = 64
const LONGEST_NOTE = 128

/** One value of a query, as KIWIspray had it: the last one when a name comes twice, and an empty one is none. */
export function lastValue(query: Query, name: string): string | undefined {
  const value = query[name]
  const last = typeof value === 'string' ? value : value?.findLast((one) => one !== '')
  return last === '' ? undefined : last
}

/**
 * Reads what a machine says of itself in the query of `/bootstrap`. With the mark `v=2`, which our own script sends, texts from
 * firmware are hex (iPXE's `:hexraw`, lossless on every build); without it they are as KIWIspray's script sent them.
 * @throws {ProvisionError} invalid, when something cannot be read or nothing is left by which to know the machine
 */
export function readSighting(query: Query, address: string, at: number): Sighting {
  if (Object.keys(query).length > MOST_PARAMETERS) throw new ProvisionError('invalid', 'too many parameters')
  const text = lastValue(query, 'v') === '2' ? hexText : plainText
  const identity: Identity = {
    macs: readMacs(query),
    serial: readSerial(text(query, 'serial')),
    uuid: readUuid(lastValue(query, 'uuid')),
  }
  if (identity.macs.length === 0 && identity.serial === undefined && identity.uuid === undefined) {
    throw new ProvisionError('invalid', 'no MAC address, serial or UUID by which to know this machine')
  }
  return { identity, firmware: readFirmware(query, text), address, at }
}

type ReadText = (query: Query, name: string) => string

const plainText: ReadText = (query, name) => lastValue(query, name) ?? ''

const hexText: ReadText = (query, name) => {
  const value = lastValue(query, name)
  if (value === undefined) return ''
  if (!/^(?:[0-9a-f]{2})*$/i.test(value)) throw new ProvisionError('invalid', `${name} ${quoted(value)} is not hex`)
  return Buffer.from(value, 'hex').toString('utf8').replace(/\0+$/, '')
}

/** Every `net…` parameter is a card, as in KIWIspray; `mac` is the one that booted. */
function readMacs(query: Query): readonly Mac[] {
  const texts = new Set<string | undefined>()
  for (const name of Object.keys(query)) if (name === 'mac' || name.startsWith('net')) texts.add(lastValue(query, name))
  const macs = new Set<Mac>()
  for (const text of texts) {
    const mac = readMac(text)
    if (mac !== undefined) macs.add(mac)
  }
  return [...macs]
}

function readFirmware(query: Query, text: ReadText): Firmware {
  return {
    platform: note(plainText(query, 'platform')),
    arch: note(plainText(query, 'arch')),
    manufacturer: note(text(query, 'mfr')),
    product: note(text(query, 'prod')),
    ipxe: note(text(query, 'ipxe')),
  }
}

/** A text that is only shown: what cannot be printed is left out, nothing is refused for it. */
function note(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, LONGEST_NOTE)
}
