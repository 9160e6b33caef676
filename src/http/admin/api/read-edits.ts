import type { Static } from 'typebox'
import type { HostEdits } from '../../../commands/edit-host.ts'
import { readWait } from '../../../commands/read-wait.ts'
import { ROOT_PASSWORD, setRootPassword } from '../../../commands/root-password.ts'
import type { Forgettable } from '../../../core/edit.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { readHostname } from '../../../core/host.ts'
import { parseMac } from '../../../core/identity.ts'
import { parsePlan } from '../../../core/plan.ts'
import { checkValue, formatPath, readSettingPath, type SettingChange } from '../../../core/setting.ts'
import { FieldError, type FieldFault } from '../problem.ts'
import type { HostEditsShape, SettingEdits } from './shapes/edits.ts'

/** What somebody asks for, as commands take it, with advice about it. */
export interface Read<T> {
  readonly edits: T
  readonly warnings: readonly string[]
}

/** Reads fields of a body, so that all that are wrong are told at once. */
class Fields {
  readonly #faults: FieldFault[] = []
  readonly warnings: string[] = []

  wrong(field: string, detail: string): void {
    this.#faults.push({ field, detail })
  }

  /** @returns `undefined` for what is absent or wrong */
  read<T, R>(field: string, value: T | undefined, read: (value: T) => R): R | undefined {
    if (value === undefined) return undefined
    try {
      return read(value)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      this.wrong(field, error.message)
      return undefined
    }
  }

  /** @throws {FieldError} when something was wrong */
  done(): void {
    if (this.#faults.length > 0) throw new FieldError(this.#faults)
  }
}

/** Reads what is to be changed about a host. @throws {FieldError} */
export function readHostEdits(body: Static<typeof HostEditsShape>): Read<HostEdits> {
  const fields = new Fields()
  const plan = fields.read('plan', body.plan, parsePlan)
  if (body.expires !== undefined && (plan === undefined || plan.images.length === 0)) {
    fields.wrong('expires', 'needs a plan with an image')
  }
  if (body.retry === true && body.plan !== undefined) fields.wrong('retry', 'excludes a plan: give one of them')
  const settings = readChanges(fields, body)
  const edits = {
    plan,
    expiresIn: fields.read('expires', body.expires, readWait),
    retry: body.retry,
    name: fields.read('name', body.name, (name) => readHostname(name) ?? ''),
    metadata: fields.read('metadata', body.metadata, checked),
    settings: settings.length === 0 ? undefined : settings,
    localBoot: body.localBoot,
    firmwareBoot: body.firmwareBoot,
    protected: body.protected,
    forget: readForget(fields, body.forget),
  }
  fields.done()
  const given = Object.entries(edits).filter(([, value]) => value !== undefined)
  return { edits: Object.fromEntries(given) as HostEdits, warnings: fields.warnings }
}

interface SettingsBody {
  readonly settings?: Static<typeof SettingEdits>
  readonly rootPassword?: string
  readonly rootPasswordHash?: string
}

/** Reads changes of settings. @throws {FieldError} */
export function readSettingEdits({ settings, ...passwords }: SettingsBody): Read<readonly SettingChange[]> {
  const fields = new Fields()
  const edits = readChanges(fields, { ...passwords, ...(settings === undefined ? {} : { settings }) })
  fields.done()
  return { edits, warnings: fields.warnings }
}

/** What is taken away goes first, as on the command line. */
function readChanges(fields: Fields, { settings = {}, rootPassword, rootPasswordHash }: SettingsBody): SettingChange[] {
  const gone = (settings.unset ?? []).map((text) =>
    fields.read(`settings.unset.${text}`, text, (path) => ({ path: readSettingPath(path) })),
  )
  const set = Object.entries(settings.set ?? {}).map(([text, value]) =>
    fields.read(`settings.set.${text}`, value, () => ({ path: readSettingPath(text), value: checked(value) })),
  )
  if (rootPassword !== undefined && rootPasswordHash !== undefined) {
    fields.wrong('rootPassword', 'excludes rootPasswordHash: give one of them')
  }
  const hash = rootPasswordHash === undefined ? undefined : { path: ROOT_PASSWORD, value: rootPasswordHash }
  const clear = fields.read('rootPassword', rootPassword, setRootPassword)
  fields.warnings.push(...(clear?.warnings ?? []))
  const changes = [...gone, ...set, hash, clear?.change].filter((change) => change !== undefined)
  const paths = changes.map(({ path }) => formatPath(path))
  const twice = paths.find((path, at) => paths.indexOf(path) !== at)
  if (twice !== undefined) fields.wrong('settings', `${twice} is set or unset twice`)
  return changes
}

function checked<T extends Parameters<typeof checkValue>[0]>(value: T): T {
  checkValue(value)
  return value
}

function readForget(
  fields: Fields,
  forget: Static<typeof HostEditsShape>['forget'],
): readonly Forgettable[] | undefined {
  if (forget === undefined) return undefined
  const macs = (forget.macs ?? []).map((text) => fields.read('forget.macs', text, (mac) => ({ mac: parseMac(mac) })))
  return [
    ...macs.filter((mac) => mac !== undefined),
    ...(forget.serial === true ? (['serial'] as const) : []),
    ...(forget.uuid === true ? (['uuid'] as const) : []),
  ]
}
