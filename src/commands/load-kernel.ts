import type { Image } from '../core/image.ts'
import type { KernelBoot, Kind } from '../kinds/kind.ts'
import { wantsNetwork, withNetwork } from '../kinds/network-option.ts'
import { type Installing, type PrepareDeps, prepareInstall } from './prepare-install.ts'

export interface LoadDeps extends PrepareDeps {
  kindOf(image: Image): Pick<Kind, 'boot'>
}

/** What the boot script of an image loads on its way to a host; `undefined` for an image that brings its own script. */
export function loadKernel(deps: LoadDeps, installing: Installing): KernelBoot | undefined | Promise<KernelBoot> {
  const load = deps.kindOf(installing.image).boot(installing.image, installing.urls)
  // What is set for a host is gathered only for those that ask for it: most boots do not.
  if (load === undefined || !wantsNetwork(load)) return load
  return prepareInstall(deps, installing).then((request) => withNetwork(load, request))
}
