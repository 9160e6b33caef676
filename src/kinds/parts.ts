import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import type { Image } from '../core/image.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Tree } from '../images/tree.ts'

/** How a file is found that an image needs once. */
export interface PartSearch {
  /** Its role, and the key by which `image.json` may name it. */
  readonly role: string
  readonly matches: (file: string) => boolean
  /** When several match: names that win over the others, the best one first. */
  readonly prefer?: readonly string[]
}

/**
 * Finds a file by its role: the one that `image.json` names, or else the one that looks like it at the top of the directory.
 * @throws {ProvisionError} invalid, when the named one is not there, or several look alike
 */
export function findPart(tree: Tree, settings: JsonObject, search: PartSearch): string | undefined {
  const named = namedParts(tree, settings, search.role)
  if (named !== undefined) return onlyOne(named, search.role)
  const found = tree.files.filter((file) => !file.includes('/') && search.matches(file))
  return search.prefer?.find((file) => found.includes(file)) ?? onlyOne(found, search.role)
}

function onlyOne(files: readonly string[], role: string): string | undefined {
  if (files.length <= 1) return files[0]
  const names = files.slice(0, 5).join(', ')
  throw new ProvisionError(
    'invalid',
    `several files could be its ${role}: ${names}; name the right one in image.json as "${role}"`,
  )
}

/**
 * The files that `image.json` names for a role, as one text or a list of them.
 * @throws {ProvisionError} invalid, when one is not there
 */
export function namedParts(tree: Tree, settings: JsonObject, role: string): readonly string[] | undefined {
  const setting = settings[role]
  if (setting === undefined) return undefined
  const files = Array.isArray(setting) ? setting : [setting]
  return files.map((file: Json) => {
    if (typeof file === 'string' && tree.files.includes(file)) return file
    const name = typeof file === 'string' ? quoted(file) : 'something that is no file name'
    throw new ProvisionError('invalid', `image.json names ${name} as ${role}; there is no such file`)
  })
}

/**
 * The label that `image.json` gives.
 * @throws {ProvisionError} invalid
 */
export function labelSetting(settings: JsonObject): string | undefined {
  const { label } = settings
  if (label === undefined) return undefined
  if (typeof label === 'string' && label.length <= 200 && !/[\u0000-\u001f\u007f-\u009f]/.test(label)) return label
  throw new ProvisionError('invalid', 'label in image.json is not a text of one line and at most 200 characters')
}

/** The one file of a role that the kind has recognised before: an image without it was never made. */
export function partOf(image: Image, role: string): string {
  const file = image.parts[role]?.[0]
  if (file === undefined) throw new Error(`image ${image.name} was recognised as ${image.kind} without ${role}`)
  return file
}
