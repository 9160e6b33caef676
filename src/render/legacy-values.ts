import type { Host } from '../core/host.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'

/** What KIWIspray's templates may ask for, by the name between the `@`. */
export type LegacyValues = ReadonlyMap<string, string>

/** What a legacy template is rendered for. */
export interface LegacySubject {
  readonly host: Host
  readonly server: { readonly address: string; readonly port: number }
  readonly bootid: string
}

/** The values of KIWIspray's placeholders, in its own spelling: identity in upper case, nested metadata as Python prints it. */
export function legacyValues(subject: LegacySubject): LegacyValues {
  const { host, server } = subject
  const fields = hostFields(subject)
  const metadata = Object.entries(host.metadata).map(([key, value]) => [`metadata.${key}`, pythonText(value)] as const)
  return new Map([
    ...fields,
    ...metadata,
    // For a new host KIWIspray printed its list of ids here.
    ['HOST', String(host.id)],
    ['SERVER_IP', server.address],
    ['SERVER_PORT', String(server.port)],
  ])
}

/** The fields of KIWIspray's host record, by name. */
export function hostFields({ host, bootid }: LegacySubject): readonly (readonly [name: string, value: string])[] {
  return [
    ['bootid', bootid],
    ['hostname', host.hostname ?? ''],
    ['id', String(host.id)],
    ['macs', host.macs.join(' ').toUpperCase()],
    ['metadata', pythonText(host.metadata)],
    ['serial', host.serial?.toUpperCase() ?? ''],
    ['state', stateWord(host)],
    ['uuid', host.uuid?.toUpperCase() ?? ''],
  ]
}

/** A host's state as KIWIspray named it: the image that is next, or how the host rests. */
export function stateWord(host: Host): string {
  const isPlanned = host.state === 'assigned' || host.state === 'installing'
  return (isPlanned ? host.plan.images[0] : undefined) ?? host.state
}

/** Prints a JSON value as Python's `str()` does: a text as it is, anything nested as `repr()`. */
export function pythonText(value: Json): string {
  return typeof value === 'string' ? value : pythonRepr(value)
}

function pythonRepr(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return pythonString(value)
  if (isJsonObject(value)) return `{${objectEntries(value).join(', ')}}`
  return `[${value.map(pythonRepr).join(', ')}]`
}

function objectEntries(value: JsonObject): readonly string[] {
  return Object.entries(value).map(([key, item]) => `${pythonString(key)}: ${pythonRepr(item)}`)
}

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(/[\u0000-\u001f\u007f]/g, escapeControl)
  return `${quote}${escaped}${quote}`
}

function escapeControl(character: string): string {
  const short: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return short[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
