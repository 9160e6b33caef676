import type { JsonObject } from './json.ts'

/**
 * A directory `images/<name>/` that a kind has recognised. What the files are for is the kind's own affair (`kinds/`);
 * the rest of the program sees names.
 */
export interface Image {
  readonly name: string
  /** The kind's name: a key of the table in `kinds/kinds.ts`. */
  readonly kind: string
  /** What it is, for people: a version, a title. */
  readonly label: string | undefined
  /** The files that matter, by their role for the kind (`kernel`, `disk`, …), relative to the image's directory. */
  readonly parts: { readonly [role: string]: readonly string[] }
  /** Kernel options that the image brings. */
  readonly kernelOptions: string
  /** What `image.json` sets for installs of this image, by the kind's own keys. */
  readonly settings?: JsonObject
  /** What `image.json` says of the hosts that get it, in the form of a host's own description. */
  readonly description?: JsonObject
  /** Bytes of each file that {@link Image.parts} names. */
  readonly sizes?: { readonly [file: string]: number }
  /** How many files it has, without its image.json. */
  readonly files?: number
  /** Bytes of all files together. */
  readonly bytes: number
  /** When it was put there, in ms since 1970. */
  readonly changedAt: number
}

/** Finds an image by name among those that are there now. */
export interface FindImage {
  (name: string): Image | undefined
  /** What keeps a directory of that name from being an image: a file that is gone, say. */
  problem?(name: string): string | undefined
}
