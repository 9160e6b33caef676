import { type ImageSnapshot, openImageLibrary } from '../images/library.ts'
import { recogniseImage } from '../kinds/kinds.ts'
import type { Folders } from './folders.ts'

/** What can be assigned now. */
export function openImages(folders: Pick<Folders, 'images'>): Promise<ImageSnapshot> {
  return openImageLibrary(folders.images, recogniseImage).snapshot()
}
