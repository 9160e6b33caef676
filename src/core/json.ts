export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** A JSON object: what a host's metadata is. */
export interface JsonObject {
  readonly [key: string]: Json
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
