import type { Media } from './kind.ts'
import { KINDS } from './kinds.ts'

/**
 * How names on a medium become those of an image: as the kind says whose vendor's medium it is.
 * @param files all names that it has
 * @param kind the kind that it must be of, when that is known; its way holds then, whatever the names
 * @returns `undefined` when names stay as they are
 */
export function findMedia(files: readonly string[], kind?: string): Media | undefined {
  if (kind !== undefined) return KINDS.find(({ name }) => name === kind)?.media
  return KINDS.map(({ media }) => media).find((media) => media?.matches(new Set(files.map(media.imageName))))
}
