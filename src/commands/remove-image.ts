import { ProvisionError } from '../core/errors.ts'
import { type Host, nameOf } from '../core/host.ts'
import { readImageName } from '../core/plan.ts'
import { removeTree } from '../images/staging.ts'
import type { Store } from '../store/store.ts'

export interface RemoveImageDeps {
  /** The images folder. */
  readonly imagesRoot: string
  readonly store: Pick<Store, 'listHosts'>
}

export interface RemoveImageRequest {
  readonly name: string
  /** Even when hosts still have it in their plans: they will be told on their consoles that it is not there. */
  readonly force?: boolean
}

/** An image that is gone. */
export interface RemovedImage {
  readonly name: string
  /** Hosts that had it in their plans. */
  readonly hosts: readonly string[]
}

/** So many names tell what is meant; a rack of them does not fit a message. */
const MOST_NAMES = 5

/**
 * Removes an image.
 * @throws {ProvisionError} not-found; conflict, while a host's plan names it
 */
export async function removeImage(deps: RemoveImageDeps, request: RemoveImageRequest): Promise<RemovedImage> {
  const name = readImageName(request.name)
  const hosts = hostsWith(name, await deps.store.listHosts())
  if (hosts.length > 0 && request.force !== true) {
    const more = hosts.length > MOST_NAMES ? ` and ${hosts.length - MOST_NAMES} more` : ''
    throw new ProvisionError(
      'conflict',
      `image ${name} is in the plan of ${hosts.slice(0, MOST_NAMES).join(', ')}${more}; give them another plan first`,
    )
  }
  await removeTree(deps.imagesRoot, name)
  return { name, hosts }
}

/** The names of the hosts whose plans name an image. */
export function hostsWith(image: string, hosts: readonly Host[]): string[] {
  return hosts.filter((host) => host.plan.images.includes(image)).map(nameOf)
}
