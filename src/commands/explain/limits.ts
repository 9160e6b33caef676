import { stillRunning } from '../../core/admission.ts'
import type { Host } from '../../core/host.ts'
import type { Limit } from '../../core/limit.ts'
import { splitOptions } from '../../kinds/kernel-options.ts'
import type { InstallRequest } from '../../kinds/kind.ts'
import { LONGEST_COMMAND_LINE } from '../../render/quote.ts'
import { readInstallLimits } from '../install-limits.ts'
import { loadKernel } from '../load-kernel.ts'
import { loopLimitsOf } from '../watch-settings.ts'
import type { ExplainDeps } from './explanation.ts'

interface Asked {
  readonly host: Host
  /** Of the image that is next; `undefined` when nothing is. */
  readonly request: InstallRequest | undefined
}

/** All limits that an install is held to, with how near to them it is: those of its loader and its installer, and those of the server. */
export async function listLimits(deps: ExplainDeps, { host, request }: Asked): Promise<readonly Limit[]> {
  if (request === undefined) return []
  const [ofKind, ofKernel, ofServer, ofLoop] = await Promise.all([
    deps.kindOf(request.image).limits?.(request) ?? [],
    kernelLimits(deps, request),
    installLimits(deps, request),
    loopLimits(deps, host),
  ])
  return [...ofKind, ...ofKernel, ...ofServer, ...ofLoop]
}

async function kernelLimits(deps: ExplainDeps, request: InstallRequest): Promise<readonly Limit[]> {
  const load = await loadKernel(deps, request)
  if (load === undefined) return []
  const value = load.options.flatMap(splitOptions).join(' ').length
  return [{ what: 'kernel command line', value, most: LONGEST_COMMAND_LINE, unit: 'bytes' }]
}

/** How many others install now, for those limits that are set. */
async function installLimits(deps: ExplainDeps, { host, image }: InstallRequest): Promise<readonly Limit[]> {
  const [{ server, images }, running] = await Promise.all([readInstallLimits(deps), deps.store.listRunning()])
  const others = stillRunning(running, deps.now()).filter(({ hostId }) => hostId !== host.id)
  const ofImage = others.filter((one) => one.image === image.name).length
  return [
    { what: 'hosts that install now, with this one', value: others.length + 1, most: server },
    { what: `hosts that install ${image.name} now, with this one`, value: ofImage + 1, most: images[image.name] },
  ].flatMap(({ what, value, most }) => (most === undefined ? [] : [{ what, value, most, unit: '' }]))
}

async function loopLimits({ store, now }: ExplainDeps, host: Host): Promise<readonly Limit[]> {
  const { boots, within } = loopLimitsOf(await store.readDefaults(), host)
  if (boots === 0) return []
  const at = host.attempts?.revision === host.revision ? host.attempts.at : []
  const value = at.filter((one) => now() - one <= within).length
  const minutes = Math.round(within / 60_000)
  return [
    { what: `begins of this install within ${minutes} min, before it counts as a loop`, value, most: boots, unit: '' },
  ]
}
