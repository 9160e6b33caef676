/** How far an import is. */
export interface ImportProgress {
  /** `compare`: a file with what an image was imported from. `write`: what is on the way to the disk is forced onto it, which has no measure. */
  readonly step: 'compare' | 'read' | 'verify' | 'write'
  /** Bytes of the source, or of the file that is being verified. */
  readonly done: number
  readonly total: number
  /** The file that is being worked on, as the image will have it. */
  readonly file: string
}

/** Hears of progress, often; it must be quick. */
export type OnProgress = (progress: ImportProgress) => void
