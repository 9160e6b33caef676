import type { Json } from '../core/json.ts'
import { renameTree } from '../images/rename-tree.ts'
import { type WalkedTree, walkTree } from '../images/tree.ts'
import type { Written } from '../images/tree-writer.ts'
import { findMedia } from '../kinds/media.ts'

/** A directory that is to become an image, and what was written into it. */
export interface Named {
  readonly tree: WalkedTree
  readonly written: Written
}

/**
 * Gives files that came from a vendor's medium the names by which they are asked for.
 * @param kind what `image.json` or the operator says that it is
 * @throws {ProvisionError} invalid, when two different files would have one name
 */
export async function nameFiles(directory: string, written: Written, kind: Json | undefined): Promise<Named> {
  const tree = await walkTree({ directory, root: directory })
  const media = findMedia(tree.files, typeof kind === 'string' ? kind : undefined)
  if (media === undefined) return { tree, written }
  const renamed = await renameTree(directory, written, media.imageName)
  return renamed === written
    ? { tree, written }
    : { tree: await walkTree({ directory, root: directory }), written: renamed }
}
