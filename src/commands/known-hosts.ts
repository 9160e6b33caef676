import { ProvisionError } from '../core/errors.ts'
import { type Host, newHost, readHostname } from '../core/host.ts'
import { type Mac, quoted, readMac, readSerial, readUuid } from '../core/identity.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { formatPlan, type Plan, parsePlan } from '../core/plan.ts'

/** What KIWIspray calls a host that nobody has named. */
const NO_NAME = 'not-set'

/** How entries become hosts. */
export interface KnownHostsOptions {
  /** Hosts with a plan are armed with it; otherwise they are held until somebody retries them. */
  readonly keepPlans: boolean
  /** In ms since 1970. */
  readonly at: number
}

/** What became of one entry of KIWIspray's `known_hosts.json`. */
export interface KnownHost {
  readonly host: Host
  /** What was left out of it, and why. */
  readonly notes: readonly string[]
}

/**
 * Reads one entry of KIWIspray's `known_hosts.json`.
 * @throws {ProvisionError} invalid, naming all that cannot be read
 */
export function readKnownHost(entry: unknown, { keepPlans, at }: KnownHostsOptions): KnownHost {
  if (!isJsonObject(entry)) throw new ProvisionError('invalid', 'is no object')
  const fields = new Fields(entry)
  const id = fields.read('id', readId)
  const plan = fields.read('state', readState)
  const identity = {
    macs: fields.read('macs', (value) => readMacs(value, fields)) ?? [],
    serial: fields.identifier('serial', readSerial),
    uuid: fields.identifier('uuid', readUuid),
  }
  const hostname = fields.read('hostname', (value) => readName(value, fields))
  const metadata = fields.read('metadata', readMetadata) ?? {}
  fields.done()
  if (id === undefined || plan === undefined) throw new ProvisionError('invalid', 'has no id or no state')
  if (identity.macs.length === 0 && identity.serial === undefined && identity.uuid === undefined) {
    fields.notes.push('nothing is left by which its machine could be recognised')
  }
  const host = { ...newHost(identity, at), id, hostname, metadata }
  return { host: { ...host, ...standing(plan, keepPlans) }, notes: fields.notes }
}

/** Where a host stands that KIWIspray would have installed at its next boot, or left alone. */
function standing(plan: Plan, keepPlans: boolean): Pick<Host, 'state' | 'plan' | 'rest' | 'reason' | 'revision'> {
  const from = { plan, revision: 1, reason: undefined }
  if (plan.images.length === 0) return { ...from, state: plan.end, rest: plan.end }
  // KIWIspray's list does not tell a plan that waits from one that was forgotten years ago.
  return keepPlans
    ? { ...from, state: 'assigned', rest: 'new' }
    : { ...from, state: 'failed', rest: 'failed', reason: `imported with plan ${formatPlan(plan)}; retry to run it` }
}

/** Reads the fields of one entry and collects what is wrong with them. */
class Fields {
  readonly notes: string[] = []
  readonly #entry: JsonObject
  readonly #wrong: string[] = []

  constructor(entry: JsonObject) {
    this.#entry = entry
  }

  read<T>(name: string, read: (value: Json | undefined) => T): T | undefined {
    try {
      return read(this.#entry[name])
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      this.#wrong.push(`${name} ${error.message}`)
      return undefined
    }
  }

  /** A serial or a UUID; one that stands for none is left out with a note. */
  identifier(name: string, read: (text: string) => string | undefined): string | undefined {
    return this.read(name, (value) => {
      const text = readText(value ?? '')
      const identifier = rephrase(() => read(text))
      if (identifier === undefined && text.trim() !== '') this.notes.push(`${name} ${quoted(text)} is a placeholder`)
      return identifier
    })
  }

  done(): void {
    if (this.#wrong.length > 0) throw new ProvisionError('invalid', this.#wrong.join('; '))
  }
}

function readId(value: Json | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new ProvisionError('invalid', 'is not a whole number from 1')
}

function readText(value: Json | undefined): string {
  if (typeof value === 'string') return value
  throw new ProvisionError('invalid', value === undefined ? 'is missing' : 'is no text')
}

function readState(value: Json | undefined): Plan {
  const text = readText(value)
  return rephrase(() => parsePlan(text))
}

function readMacs(value: Json | undefined, fields: Fields): readonly Mac[] {
  const words = readText(value ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const macs = words.map((word) => {
    const mac = rephrase(() => readMac(word))
    if (mac === undefined) fields.notes.push(`mac ${quoted(word)} names no network card`)
    return mac
  })
  return [...new Set(macs.filter((mac) => mac !== undefined))]
}

/** KIWIspray took any text for a name; one that no network would is left out with a note, since a machine is not known by it. */
function readName(value: Json | undefined, { notes }: Fields): string | undefined {
  const text = readText(value ?? '')
  if (text === NO_NAME) return undefined
  try {
    return readHostname(text)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    notes.push(`hostname ${quoted(text)} is left out: ${error.message}`)
    return undefined
  }
}

function readMetadata(value: Json | undefined): JsonObject {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw new ProvisionError('invalid', 'is no object')
  return value
}

/** Core's refusals are whole sentences; here the name of the field goes before them. */
function rephrase<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new ProvisionError('invalid', `cannot be read: ${error.message}`)
  }
}
