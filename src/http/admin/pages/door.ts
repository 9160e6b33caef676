import { plannableImages } from '../../../commands/workshop.ts'
import type { ImageSnapshot } from '../../../images/library.ts'
import type { Pages } from '../../../render/html.ts'
import type { ApiDoor } from '../api/door.ts'
import type { Flash } from './flash.ts'

/** What the pages are made of. */
export interface PagesDoor extends ApiDoor {
  readonly pages: Pages
  readonly flash: Flash
}

/** What a plan may name now. */
export function imagesNow({ workshop, folders }: PagesDoor): Promise<ImageSnapshot> {
  return plannableImages(workshop, folders)
}
