import { bootUrls } from '../core/boot-urls.ts'
import { tryHostConfig } from '../core/config/read-config.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Image } from '../core/image.ts'
import type { InstallRequest, Kind } from '../kinds/kind.ts'
import { strayWarnings } from '../kinds/stray-warnings.ts'
import { type Installing, type PrepareDeps, prepareInstall } from './prepare-install.ts'

/** The bootid of what is shown or checked and never booted. */
export const NO_BOOTID = '0'.repeat(32)
/** An address as long as most are: loaders have limits of length. */
export const USUAL_BASE = 'http://192.168.100.100:5000'

export interface ProblemDeps extends PrepareDeps {
  kindOf(image: Image): Pick<Kind, 'problems' | 'warnings' | 'firmwareBoot'>
}

/**
 * An image on its way to a host at its next boot, whatever that boot's id will be.
 * @param base the address of the server as the host will reach it
 */
export function nextBoot(host: Host, image: Image, base: string | undefined): Installing {
  return { host, image, urls: bootUrls(base ?? USUAL_BASE, host.id, NO_BOOTID), mac: host.macs[0] }
}

/** Why a loader or an installer would refuse an image on a host, a sentence each; settings that cannot be read among them. */
export async function findProblems(deps: ProblemDeps, installing: Installing): Promise<readonly string[]> {
  const { host, image } = installing
  const kind = deps.kindOf(image)
  if (host.firmwareBoot === 'http' && kind.firmwareBoot === undefined) {
    return [`${image.name} needs iPXE, and the firmware of this host is to start without it (--firmware-boot ipxe)`]
  }
  try {
    return await problemsOf(kind, await prepareInstall(deps, installing))
  } catch (error) {
    if (error instanceof ProvisionError) return [error.message]
    throw error
  }
}

/**
 * What its kind says, or else what is wrong with the host's description: whoever fetches a part of that in its boot would get an error there,
 * where nobody sees it.
 */
export async function problemsOf(kind: Pick<Kind, 'problems'>, request: InstallRequest): Promise<readonly string[]> {
  return (await kind.problems?.(request)) ?? tryHostConfig(request.description).problems
}

/** What an install would do otherwise than it is probably meant, a sentence each; nothing while there are problems. */
export async function findWarnings(deps: ProblemDeps, installing: Installing): Promise<readonly string[]> {
  const request = await prepareInstall(deps, installing)
  return [...strayWarnings(request), ...((await deps.kindOf(installing.image).warnings?.(request)) ?? [])]
}
