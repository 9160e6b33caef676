import type { ImageLibrary } from '../images/library.ts'
import type { Store } from '../store/store.ts'
import { hostsWith } from './remove-image.ts'

export interface ListImagesDeps {
  readonly library: Pick<ImageLibrary, 'refresh'>
  readonly store: Pick<Store, 'listHosts'>
}

/** A directory in the images folder, as people see it. */
export interface ListedImage {
  readonly name: string
  /** Absent when it is no image; then `problem` says why. */
  readonly kind: string | undefined
  readonly label: string | undefined
  readonly files: number | undefined
  readonly bytes: number | undefined
  /** In ms since 1970. */
  readonly changedAt: number | undefined
  /** Hosts that have it in their plans. */
  readonly hosts: readonly string[]
  readonly problem: string | undefined
}

/** Lists what is in the images folder now, by name. */
export async function listImages({ library, store }: ListImagesDeps): Promise<readonly ListedImage[]> {
  const [{ list }, hosts] = await Promise.all([library.refresh(), store.listHosts()])
  return list.map((entry) => ({
    name: entry.name,
    kind: entry.image?.kind,
    label: entry.image?.label,
    files: entry.image?.files,
    bytes: entry.image?.bytes,
    changedAt: entry.image?.changedAt,
    hosts: hostsWith(entry.name, hosts),
    problem: entry.image === undefined ? entry.problem : undefined,
  }))
}
