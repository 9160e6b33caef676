import { ProvisionError } from './errors.ts'

/** An Ethernet address in its one form: `02:00:00:00:00:0a`. Made by {@link parseMac} alone. */
export type Mac = string & { readonly brand: 'Mac' }

/** What firmware tells of a machine. Whatever it could not tell, or told with a placeholder, is absent. */
export interface Identity {
  readonly macs: readonly Mac[]
  /** DMI system serial number, upper case: firmware and labels disagree about case, KIWIspray's data is upper case. */
  readonly serial: string | undefined
  /** DMI system UUID, lower case with dashes, in the byte order that iPXE prints. */
  readonly uuid: string | undefined
}

const LONGEST_SERIAL = 128

/** A MAC address as our own boot script writes it. */
const HYPHENATED = /^[0-9a-f]{2}(?:-[0-9a-f]{2}){5}$/

/** What firmware tells of InfiniBand and of the tunnels of IPv4. */
const OTHER_ADDRESS = /^[0-9a-f]{2}(?:(?:[:-][0-9a-f]{2}){3}|(?:[:-][0-9a-f]{2}){7,31})$/i
const ODD_DIGITS = '13579bdf'

/**
 * Texts that stand in for a serial number on boards whose maker never wrote one. Only letters and digits are compared, in
 * lower case: `To Be Filled By O.E.M.`, `N/A` and `Not-Specified` have many spellings.
 */
const SERIAL_PLACEHOLDERS = new Set([
  ...[
    'none',
    'na',
    'null',
    'nil',
    'empty',
    'blank',
    'tbd',
    'test',
    'sn',
    'ssn',
    'oem',
    'unknown',
    'undefined',
    'unspecified',
  ],
  ...[
    'invalid',
    'default',
    'defaultstring',
    'oemdefault',
    'defaultoem',
    'serial',
    'serialnumber',
    'systemserial',
    'systemsn',
  ],
  ...['systemserialnumber', 'chassisserialnumber', 'boardserialnumber', 'baseboardserialnumber', 'oemserialnumber'],
  ...['type1systemserialnumber', 'type2boardserialnumber', 'systemproductname', 'systemname', 'boardserial'],
  ...['notspecified', 'notavailable', 'notapplicable', 'notpresent', 'notsettable', 'notset', 'notdefined'],
  ...['tobefilled', 'tobefilledbyoem', 'filledbyoem'],
])

/** Keys pressed in their order, from the first or the second. */
const TYPED_ROWS = ['0123456789abcdef', '1234567890abcdef', '123456789abcdef']

/** UUIDs that boards share because nobody set one: sample values of AMI's and others' firmware, and Dell's without a tag. */
const UUID_PLACEHOLDERS = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  '78563412-3412-7856-90ab-cddeefaabbcc',
  '4c4c4544-0000-2010-8020-80c04f202020',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
])

/**
 * Reads an Ethernet address as people and firmware write it: `aa:bb…`, `AA-BB-…`, `aabb.cc…`, bare digits, `01-aa-…` of pxelinux.
 * @throws {ProvisionError} invalid, when it is none
 */
export function parseMac(text: string): Mac {
  const mac = /^(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$|^[0-9a-f]{12}$|^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/i
  const bare = text.trim().replace(/^01-(?=(?:[0-9a-f]{2}-){5}[0-9a-f]{2}$)/i, '')
  if (!mac.test(bare)) throw new ProvisionError('invalid', `${quoted(text)} is not a MAC address`)
  const digits = bare.replace(/[^0-9a-f]/gi, '').toLowerCase()
  return (digits.match(/../g) ?? []).join(':') as Mac
}

/**
 * Reads what firmware says of one network card.
 * @returns `undefined` for what names no card: nothing, zeros, all ones, a group address, InfiniBand's longer addresses, the IP
 * addresses of tunnels
 * @throws {ProvisionError} invalid, when it cannot be read: a guess here could install the wrong machine
 */
export function readMac(text: string | undefined): Mac | undefined {
  const trimmed = text?.trim() ?? ''
  if (trimmed === '') return undefined
  const isUsual = HYPHENATED.test(trimmed)
  if (!isUsual && OTHER_ADDRESS.test(trimmed)) return undefined
  const mac = isUsual ? (trimmed.replaceAll('-', ':') as Mac) : parseMac(trimmed)
  // The lowest bit of the first byte marks a group address (IEEE 802): no card has one, broken option ROMs report them.
  const isGroup = ODD_DIGITS.includes(mac.charAt(1))
  return isGroup || mac === '00:00:00:00:00:00' ? undefined : mac
}

/**
 * Reads a DMI serial number.
 * @returns `undefined` for nothing and for placeholders
 * @throws {ProvisionError} invalid, for control characters and for texts longer than any maker's
 */
export function readSerial(text: string | undefined): string | undefined {
  const serial = (text ?? '').trim().replace(/ +/g, ' ').toUpperCase()
  // Beside the control characters: what breaks lines, turns the writing around, or is half a character (no database keeps it).
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(serial)) {
    throw new ProvisionError('invalid', 'the serial number holds control characters')
  }
  if (serial.length > LONGEST_SERIAL) throw new ProvisionError('invalid', 'the serial number is too long')
  return isPlaceholderSerial(serial) ? undefined : serial
}

function isPlaceholderSerial(serial: string): boolean {
  const plain = serial.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  if (plain === '' || SERIAL_PLACEHOLDERS.has(plain)) return true
  return (
    /^([0fx])\1*$|^(.)\2{5,}$/u.test(plain) || (plain.length >= 8 && TYPED_ROWS.some((row) => row.startsWith(plain)))
  )
}

/**
 * Reads a DMI UUID.
 * @returns `undefined` for nothing and for placeholders (zeros, all F, sample values)
 * @throws {ProvisionError} invalid, when it is no UUID
 */
export function readUuid(text: string | undefined): string | undefined {
  const uuid = (text ?? '').trim().toLowerCase()
  if (uuid === '') return undefined
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) {
    throw new ProvisionError('invalid', `${quoted(uuid)} is not a UUID`)
  }
  return /^(?:0[0-]*|f[f-]*)$/.test(uuid) || UUID_PLACEHOLDERS.has(uuid) ? undefined : uuid
}

/** A card as boot loaders name it, with Ethernet's number in front: `01-52-54-00-12-34-56`. */
export function cardName(mac: Mac): string {
  return `01-${mac.replaceAll(':', '-')}`
}

/** Says an identity in one line, for events and consoles. */
export function describeIdentity(identity: Identity): string {
  const parts = [
    identity.serial === undefined ? [] : [`serial ${identity.serial}`],
    identity.uuid === undefined ? [] : [`uuid ${identity.uuid}`],
    identity.macs.length === 0 ? [] : [`mac ${identity.macs.join(' ')}`],
  ]
  return parts.flat().join(', ') || 'no identity'
}

/** A value from outside as a refusal may repeat it: short, on one line, printable. */
export function quoted(text: string): string {
  const printable = text.replace(/[^\u0020-\u007e]/g, '?')
  return JSON.stringify(printable.length > 64 ? `${printable.slice(0, 61)}...` : printable)
}

/** The identifiers that none of the others has. */
export function addedIdentity(identity: Identity, others: readonly Identity[]): Identity {
  const isNew = (value: string, of: (other: Identity) => readonly (string | undefined)[]) =>
    !others.some((other) => of(other).includes(value))
  const { macs, serial, uuid } = identity
  return {
    macs: macs.filter((mac) => isNew(mac, (other) => other.macs)),
    serial: serial !== undefined && isNew(serial, (other) => [other.serial]) ? serial : undefined,
    uuid: uuid !== undefined && isNew(uuid, (other) => [other.uuid]) ? uuid : undefined,
  }
}
