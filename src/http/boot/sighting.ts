import { ProvisionError } from '../../core/errors.ts'
import type { Sighting } from '../../core/greet.ts'
import type { Firmware } from '../../core/host.ts'
import { type Identity, type Mac, quoted, readMac, readSerial, readUuid } from '../../core/identity.ts'
import { remembered } from '../../core/remember.ts'
import type { Query } from './query.ts'

const MOST_PARAMETERS = 64
const LONGEST_NOTE = 128
const HEX_DIGITS = /^(?:[0-9a-f]{2})*$/i

/**
 * Reads what a machine says of itself in the query of `/bootstrap`. With the mark `v=2`, which our own script sends, texts from
 * firmware are hex (iPXE's `:hexraw`, lossless on every build); without it they are as KIWIspray's script sent them.
 * @throws {ProvisionError} invalid, when something cannot be read or nothing is left by which to know the machine
 */
export function readSighting(query: Query, address: string, at: number): Sighting {
  if (query.count > MOST_PARAMETERS) throw new ProvisionError('invalid', 'too many parameters')
  const form = query.last('v') === '2' ? HEX : PLAIN
  const identity: Identity = {
    macs: readMacs(query),
    serial: readSerial(form.text('serial', query.last('serial') ?? '')),
    uuid: readUuid(query.last('uuid')),
  }
  if (identity.macs.length === 0 && identity.serial === undefined && identity.uuid === undefined) {
    throw new ProvisionError('invalid', 'no MAC address, serial or UUID by which to know this machine')
  }
  return { identity, firmware: readFirmware(query, form), address, at }
}

/** How texts from firmware are written in a query. Both throw {@link ProvisionError} for a value that is not in this form. */
interface Form {
  text(name: string, value: string): string
  /** The text without what cannot be printed: it is only shown, nothing is refused for it. */
  note(name: string, value: string): string
}

const plainNote = remembered(printable)
const PLAIN: Form = { text: (_name, value) => value, note: (_name, value) => plainNote(value) }

const hexNote = remembered((hex) => (HEX_DIGITS.test(hex) ? printable(fromHex(hex)) : undefined))
const HEX: Form = {
  text: (name, value) => (HEX_DIGITS.test(value) ? fromHex(value) : refuseHex(name, value)),
  note: (name, value) => hexNote(value) ?? refuseHex(name, value),
}

function refuseHex(name: string, value: string): never {
  throw new ProvisionError('invalid', `${name} ${quoted(value)} is not hex`)
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
function readMacs({ names, values }: Query): readonly Mac[] {
  const texts: string[] = []
  const macs: Mac[] = []
  names.forEach((name, at) => {
    const isCard = (name === 'mac' || name.startsWith('net')) && names.lastIndexOf(name) === at
    const text = isCard ? values[at] : undefined
    // The card that booted comes twice.
    if (text === undefined || texts.includes(text)) return
    texts.push(text)
    const mac = readMac(text)
    if (mac !== undefined && !macs.includes(mac)) macs.push(mac)
  })
  return macs
}

function readFirmware(query: Query, form: Form): Firmware {
  const note = (name: string, { note }: Form) => note(name, query.last(name) ?? '')
  return {
    platform: note('platform', PLAIN),
    arch: note('arch', PLAIN),
    manufacturer: note('mfr', form),
    product: note('prod', form),
    ipxe: note('ipxe', form),
  }
}
