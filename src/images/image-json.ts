import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { errorCode, fileError } from './file-errors.ts'
import { readSmallText } from './tree.ts'

export const IMAGE_JSON = 'image.json'

/** An import notes every file in it, and an image may have a hundred thousand. */
const LARGEST = 64 * 1024 * 1024

/**
 * Reads what a directory's `image.json` says of it; `{}` without one.
 * @throws {ProvisionError} invalid, when it is not a JSON object
 */
export async function readImageJson(directory: string): Promise<JsonObject> {
  let text: string
  try {
    text = await readSmallText(join(directory, IMAGE_JSON), LARGEST)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {}
    throw fileError(error, IMAGE_JSON)
  }
  return parseImageJson(text)
}

function parseImageJson(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable'
    throw new ProvisionError('invalid', `${IMAGE_JSON} is not JSON: ${why.replace(/\s+/g, ' ')}`, { cause: error })
  }
  if (!isJsonObject(value)) throw new ProvisionError('invalid', `${IMAGE_JSON} is not a JSON object`)
  return value
}

/** Writes it anew. @throws {ProvisionError} unavailable, when the disk does not take it */
export async function writeImageJson(directory: string, settings: JsonObject): Promise<void> {
  try {
    await writeFile(join(directory, IMAGE_JSON), `${JSON.stringify(settings, undefined, 2)}\n`)
  } catch (error) {
    throw fileError(error, IMAGE_JSON)
  }
}
