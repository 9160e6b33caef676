import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { errorCode, fileError } from '../images/file-errors.ts'
import { IMAGE_JSON, readImageJson } from '../images/image-json.ts'
import { walkTree } from '../images/tree.ts'
import { isOwnFile } from '../kinds/own-files.ts'
import { SETTING_SECTIONS } from '../kinds/settings.ts'

/** What an operator put into an image after its import. */
export interface Own {
  /** Scripts and templates. */
  readonly files: readonly string[]
  /** Settings of its kind in `image.json`: `{"esxi": {...}}`. */
  readonly settings: JsonObject
}

/** An image that is about to take the place of another one. */
export interface Successor {
  readonly imagesRoot: string
  readonly name: string
  readonly kind: string
  /** Where it is being made. */
  readonly directory: string
  readonly files: readonly string[]
  readonly settings: JsonObject
}

const NOTHING: Own = { files: [], settings: {} }

/**
 * Takes over what the operator put into the image of that name, unless the new one brings it itself: a new release of an installer must not
 * silently do without the scripts and the settings (which disks are spared!) that the one before had. An image of another kind has nothing to
 * take over, nor has a directory that was copied in: there is no telling what of it is the operator's.
 * @throws {ProvisionError} invalid, when it cannot be told what there is
 */
export async function keepOwn(successor: Successor): Promise<Own> {
  const own = await findOwn(successor)
  const kept = own.files.filter((file) => !successor.files.includes(file))
  for (const file of kept) {
    const target = join(successor.directory, file)
    try {
      await mkdir(dirname(target), { recursive: true })
      await copyFile(join(successor.imagesRoot, successor.name, file), target)
    } catch (error) {
      throw fileError(error, file)
    }
  }
  return { ...own, files: kept }
}

/** What was taken over, for people. */
export function namesOf(own: Own | undefined): readonly string[] {
  return own === undefined ? [] : [...Object.keys(own.settings).map((key) => `${key} in ${IMAGE_JSON}`), ...own.files]
}

async function findOwn({ imagesRoot, name, kind, settings: given }: Successor): Promise<Own> {
  const directory = join(imagesRoot, name)
  const before = await readBefore(directory)
  const noted = before['files'] ?? null
  if (before['kind'] !== kind || !isJsonObject(noted)) return NOTHING
  const { files } = await walkTree({ directory, root: imagesRoot })
  const settings = Object.entries(before).filter(
    ([key]) => SETTING_SECTIONS.includes(key) && !Object.hasOwn(given, key),
  )
  return {
    files: files.filter((file) => isOwnFile(kind, file) && !Object.hasOwn(noted, file)),
    settings: Object.fromEntries(settings),
  }
}

async function readBefore(directory: string): Promise<JsonObject> {
  try {
    return await readImageJson(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return {}
    if (!(error instanceof ProvisionError)) throw error
    const advice = 'mend it, or take that image away first (metalspray images rm)'
    throw new ProvisionError(error.kind, `in the image that it is to replace, ${error.message}; ${advice}`, {
      cause: error,
    })
  }
}
