import { ProvisionError } from '../../core/errors.ts'
import type { Limit } from '../../core/limit.ts'
import type { InstallRequest } from '../kind.ts'
import { listLimits } from './boot-cfg/limits.ts'
import { MOST_COMMANDS } from './kickstart/check-file.ts'
import { tryKickstart } from './kickstart/make.ts'
import { parseKickstart } from './kickstart/parse.ts'
import { tryBootCfg } from './make-boot-cfg.ts'

/** How near a boot is to what mboot and ESXi's installer take; nothing of a file that cannot be made at all. */
export async function esxiLimits(request: InstallRequest): Promise<readonly Limit[]> {
  const bootCfg = await attempt(async () => listLimits((await tryBootCfg(request)).cfg))
  const kickstart = await attempt(async () => {
    const { commands } = parseKickstart((await tryKickstart(request)).text)
    return [{ what: 'commands of ks.cfg', value: commands.length, most: MOST_COMMANDS, unit: '' }]
  })
  return [...bootCfg, ...kickstart]
}

async function attempt(look: () => Promise<readonly Limit[]>): Promise<readonly Limit[]> {
  try {
    return await look()
  } catch (error) {
    // It is told as a problem.
    if (error instanceof ProvisionError) return []
    throw error
  }
}
