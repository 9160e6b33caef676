import { CONFIG_KEY } from '../core/config/model.ts'
import type { Host } from '../core/host.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { flatSettings } from '../core/setting.ts'

/** What KIWIspray's templates may ask for, by the name between the `@`: a text, or words with blanks between them. */
export type LegacyValues = ReadonlyMap<string, string | readonly string[]>

/** What a legacy template is rendered for. */
export interface LegacySubject {
  readonly host: Host
  readonly server: { readonly address: string; readonly port: number }
  readonly bootid: string
  /** What the host is to be, for scripts that make it so. */
  readonly config?: Json | undefined
}

/** The values of KIWIspray's placeholders, in its own spelling: identity in upper case, nested metadata as Python prints it. */
export function legacyValues(subject: LegacySubject): LegacyValues {
  const { host, server } = subject
  const fields = hostFields(subject)
  const metadata = Object.entries(host.metadata).map(([key, value]) => [`metadata.${key}`, pythonText(value)] as const)
  return new Map<string, string | readonly string[]>([
    ...fields,
    ...metadata,
    ...configValues(subject.config),
    // For a new host KIWIspray printed its list of ids here.
    ['HOST', String(host.id)],
    ['SERVER_IP', server.address],
    ['SERVER_PORT', String(server.port)],
  ])
}

/** Of a host's description, what may be absent: nothing is put in its place then. */
const MAYBE_ABSENT = ['hostname', 'domain', 'timezone', 'licence', 'installDisk', 'root.passwordHash']

/** The description, value by value, with the paths that people set them by; what is nested in a list is JSON, and so is all of it. */
function configValues(config: Json | undefined): readonly (readonly [string, string | readonly string[]])[] {
  if (config === undefined || !isJsonObject(config)) return []
  return [
    [CONFIG_KEY, JSON.stringify(config)],
    ...MAYBE_ABSENT.map((path) => [`${CONFIG_KEY}.${path}`, ''] as const),
    ...flatSettings(config, `${CONFIG_KEY}.`).map(([path, value]) => [path, plainValue(value)] as const),
  ]
}

function plainValue(value: Json): string | readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  return typeof value === 'string' ? value : JSON.stringify(value)
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
