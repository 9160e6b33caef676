import { existsSync } from 'node:fs'
import { dirname } from 'node:path'

/** The part of a path that is there already: the folder in which the rest would be made. */
export function existingPart(path: string): string {
  const parent = dirname(path)
  return parent === path || existsSync(path) ? path : existingPart(parent)
}
