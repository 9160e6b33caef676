import type { HostPlace } from '../../../commands/page-hosts.ts'
import { isJsonObject } from '../../../core/json.ts'
import { FieldError } from '../problem.ts'

/** Writes where a page ended, in one word for a URL. */
export function writeCursor(place: HostPlace | undefined): string | null {
  if (place === undefined) return null
  return Buffer.from(JSON.stringify({ i: place.id, ...(place.name === undefined ? {} : { n: place.name }) })).toString(
    'base64url',
  )
}

/** @throws {FieldError} for what {@link writeCursor} did not write */
export function readCursor(text: string | undefined): HostPlace | undefined {
  if (text === undefined) return undefined
  const found = parse(Buffer.from(text, 'base64url').toString())
  if (isJsonObject(found)) {
    const { i: id, n: name } = found
    if (typeof id === 'number' && Number.isSafeInteger(id) && (name === undefined || typeof name === 'string')) {
      return { id, name }
    }
  }
  throw new FieldError([{ field: 'cursor', detail: 'is none that this server gave; begin with the first page' }])
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
