import { ProvisionError } from '../../../core/errors.ts'
import type { InstallRequest } from '../../kind.ts'
import { esxiLayers } from '../described.ts'
import { tryEsxiSettings } from '../settings.ts'
import { tryKickstart } from './make.ts'

/** Why the installer would refuse an image on a host, or would not install what is meant, a sentence each. */
export async function kickstartProblems(request: InstallRequest): Promise<readonly string[]> {
  const { problems } = tryEsxiSettings(esxiLayers(request))
  if (problems.length > 0) return problems
  try {
    return (await tryKickstart(request)).problems
  } catch (error) {
    if (error instanceof ProvisionError) return [error.message]
    throw error
  }
}

/** What the installer would pass over or take otherwise than it is probably meant, a sentence each; nothing while there are problems. */
export async function kickstartWarnings(request: InstallRequest): Promise<readonly string[]> {
  try {
    const { problems, warnings } = await tryKickstart(request)
    return problems.length > 0 ? [] : warnings
  } catch (error) {
    if (error instanceof ProvisionError) return []
    throw error
  }
}
