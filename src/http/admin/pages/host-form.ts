import type { FastifyRequest } from 'fastify'
import { stringify } from 'yaml'
import { parseYaml } from '../../../commands/config/parse-yaml.ts'
import { editHost, type HostEdits } from '../../../commands/edit-host.ts'
import { expectParts, type HostPart, hostTag } from '../../../commands/host-tag.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { FIRMWARE_BOOTS, type Host, LOCAL_BOOTS, readHostname } from '../../../core/host.ts'
import { parseMac } from '../../../core/identity.ts'
import { isJsonObject } from '../../../core/json.ts'
import { checkValue } from '../../../core/setting.ts'
import { hideSecrets } from '../../../kinds/settings.ts'
import { STATUS } from '../../status.ts'
import { editDeps } from '../api/door.ts'
import type { PagesDoor } from './door.ts'

/** The fields of a host's page, as they are or as somebody filled them in. */
export interface HostForm {
  readonly name: string
  readonly localBoot: string
  readonly firmwareBoot: string
  /** YAML. */
  readonly metadata: string
  /** What the host was when its page was made. */
  readonly tag: string
}

/** The fields filled with what is known; secrets read `(set)`. */
export function formOf(host: Host): HostForm {
  const { hostname = '', localBoot, firmwareBoot, metadata } = host
  const isEmpty = Object.keys(metadata).length === 0
  const text = isEmpty ? '' : stringify(hideSecrets(metadata))
  return { name: hostname, localBoot, firmwareBoot, metadata: text, tag: hostTag(host) }
}

type Fields = Readonly<Record<string, string>>

/** What somebody filled in, over what is known of the host. */
export function filledForm(host: Host, { name, localBoot, firmwareBoot, metadata, tag }: Fields): HostForm {
  const known = formOf(host)
  return {
    name: name ?? known.name,
    localBoot: localBoot ?? known.localBoot,
    firmwareBoot: firmwareBoot ?? known.firmwareBoot,
    metadata: metadata ?? known.metadata,
    tag: tag ?? known.tag,
  }
}

/** Changes what a form asks for. @returns why it was refused, with the status of that; `undefined` when it was done */
export async function saveForm(
  door: PagesDoor,
  request: FastifyRequest,
  { host, fields }: { readonly host: Host; readonly fields: Fields },
): Promise<{ readonly status: number; readonly message: string } | undefined> {
  try {
    const edits = readEdits(fields)
    const expect = (known: Host) => expectParts(known, fields['tag'] ?? '', partsOf(fields))
    await editHost({ ...(await editDeps(door, request)), expect }, String(host.id), edits)
    return undefined
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return { status: STATUS[error.kind], message: error.message }
  }
}

const PARTS: Readonly<Record<string, HostPart>> = {
  name: 'name',
  localBoot: 'way to its disk',
  firmwareBoot: 'way to start',
  metadata: 'metadata',
  forget: 'identity',
}

function partsOf(fields: Fields): HostPart[] {
  return Object.entries(PARTS).flatMap(([field, part]) => (fields[field] === undefined ? [] : [part]))
}

/** Each form has some of the fields. @throws {ProvisionError} invalid */
function readEdits({ name, localBoot, firmwareBoot, metadata, forget }: Fields): HostEdits {
  return {
    ...(name === undefined ? {} : { name: readHostname(name) ?? '' }),
    ...(localBoot === undefined ? {} : { localBoot: oneOf(LOCAL_BOOTS, localBoot) }),
    ...(firmwareBoot === undefined ? {} : { firmwareBoot: oneOf(FIRMWARE_BOOTS, firmwareBoot) }),
    ...(metadata === undefined ? {} : { metadata: readMetadata(metadata) }),
    ...(forget === undefined ? {} : { forget: [readForgettable(forget)] }),
  }
}

function oneOf<T extends string>(words: readonly T[], text: string): T {
  const found = words.find((word) => word === text)
  if (found === undefined) throw new ProvisionError('invalid', `it must be one of ${words.join(', ')}`)
  return found
}

function readMetadata(text: string) {
  const value = text.trim() === '' ? {} : parseYaml(text, 'this', '1.2')
  if (!isJsonObject(value)) throw new ProvisionError('invalid', 'metadata are keys with values, like rack: b4')
  checkValue(value)
  return value
}

function readForgettable(text: string) {
  return text === 'serial' || text === 'uuid' ? text : { mac: parseMac(text) }
}
