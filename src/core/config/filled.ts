import { isJsonObject, type Json, type JsonObject } from '../json.ts'

/** An object without the keys that have nothing to say: what is not there, empty lists and empty objects. */
export function filled(object: { readonly [key: string]: Json | undefined }): JsonObject {
  const entries = Object.entries(object).filter(
    (entry): entry is [string, Json] =>
      entry[1] !== undefined &&
      !(Array.isArray(entry[1]) && entry[1].length === 0) &&
      !(isJsonObject(entry[1]) && Object.keys(entry[1]).length === 0),
  )
  return Object.fromEntries(entries)
}
