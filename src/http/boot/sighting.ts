import { ProvisionError } from '../../core/errors.ts'
import type { Sighting } from '../../core/greet.ts'
import type { Firmware } from '../../core/host.ts'
import { type Identity, type Mac, quoted, readMac, readSerial, readUuid } from '../../core/identity.ts'
import { remembered } from '../../core/remember.ts'

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
  const names = Object.keys(query)
  if (names.length > MOST_PARAMETERS) throw new ProvisionError('invalid', 'too many parameters')
  const form = lastValue(query, 'v') === '2' ? HEX : PLAIN
  const identity: Identity = {
    macs: readMacs(query, names),
    serial: readSerial(form.text(parameter(query, 'serial', form))),
    uuid: readUuid(lastValue(query, 'uuid')),
  }
  if (identity.macs.length === 0 && identity.serial === undefined && identity.uuid === undefined) {
    throw new ProvisionError('invalid', 'no MAC address, serial or UUID by which to know this machine')
  }
  return { identity, firmware: readFirmware(query, form), address, at }
}

/** How texts from firmware are written in a query. */
interface Form {
  readonly pattern: RegExp
  text(value: string): string
  /** The text without what cannot be printed: it is only shown, nothing is refused for it. */
  note(value: string): string
}

const PLAIN: Form = { pattern: /^/, text: (value) => value, note: remembered(printable) }
const HEX: Form = { pattern: /^(?:[0-9a-f]{2})*$/i, text: fromHex, note: remembered((hex) => printable(fromHex(hex))) }

/** @throws {ProvisionError} invalid, when it is not written in the form of this query */
function parameter(query: Query, name: string, form: Form): string {
  const value = lastValue(query, name) ?? ''
  if (!form.pattern.test(value)) throw new ProvisionError('invalid', `${name} ${quoted(value)} is not hex`)
  return value
}

function fromHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8').replace(/\0+$/, '')
}

function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, LONGEST_NOTE)
}

/** Every `net…` parameter is a card, as in KIWIspray; `mac` is the one that booted. */
function readMacs(query: Query, names: readonly string[]): readonly Mac[] {
  const texts: string[] = []
  const macs: Mac[] = []
  for (const name of names) {
    const text = name === 'mac' || name.startsWith('net') ? lastValue(query, name) : undefined
    // The card that booted comes twice.
    if (text === undefined || texts.includes(text)) continue
    texts.push(text)
    const mac = readMac(text)
    if (mac !== undefined && !macs.includes(mac)) macs.push(mac)
  }
  return macs
}

function readFirmware(query: Query, form: Form): Firmware {
  const note = (name: string) => form.note(parameter(query, name, form))
  return {
    platform: PLAIN.note(parameter(query, 'platform', PLAIN)),
    arch: PLAIN.note(parameter(query, 'arch', PLAIN)),
    manufacturer: note('mfr'),
    product: note('prod'),
    ipxe: note('ipxe'),
  }
}
