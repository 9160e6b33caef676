import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import { errorCode, fileError } from './file-errors.ts'
import { readSmallText } from './tree.ts'

export const IMAGE_JSON = 'image.json'

/**
 * Reads what a directory's `image.json` says of it; `{}` without one.
 * @throws {ProvisionError} invalid, when it is not a JSON object
 */
export async function readImageJson(directory: string): Promise<JsonObject> {
  let text: string
  try {
    text = await readSmallText(join(directory, IMAGE_JSON))
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
