import { placeOf, stillRunning } from '../core/admission.ts'
import { CONFIG_KEY } from '../core/config/model.ts'
import { type Decision, decide, type Gate } from '../core/decide.ts'
import { ProvisionError } from '../core/errors.ts'
import { expire } from '../core/greet.ts'
import type { Host } from '../core/host.ts'
import type { Image } from '../core/image.ts'
import { formatPlan } from '../core/plan.ts'
import { breakLoop } from '../core/watch/loops.ts'
import type { InstallRequest } from '../kinds/kind.ts'
import { seedFiles } from '../kinds/seed.ts'
import { settingOrigins } from '../kinds/setting-origins.ts'
import { type ExplainDeps, type ExplainedSetting, type Explanation, PLACES } from './explain/explanation.ts'
import { listLimits } from './explain/limits.ts'
import { POST_INSTALL, SCRIPT, scriptRequest } from './explain/make-files.ts'
import { findHost } from './find-host.ts'
import { findProblems, findWarnings, nextBoot } from './find-problems.ts'
import { readInstallLimits } from './install-limits.ts'
import { prepareInstall } from './prepare-install.ts'
import { loopLimitsOf } from './watch-settings.ts'

export type { ExplainDeps, ExplainedSetting, Explanation }

/**
 * Says what a host would get at its next boot, changing nothing.
 * @param imageName asks what would be if its plan were this image
 * @throws {ProvisionError} not-found, for an unknown host or image; conflict, when several hosts fit
 */
export async function explain(deps: ExplainDeps, hostText: string, imageName?: string): Promise<Explanation> {
  const known = await findHost(deps.store, hostText)
  if (imageName === undefined) return explainHost(deps, await asItWouldBe(deps, known))
  return explainHost(deps, planned(deps, known, imageName))
}

/** The same for a host as it would be found. */
export async function explainHost(deps: ExplainDeps, host: Host): Promise<Explanation> {
  const image = nextImage(deps, host)
  const boot = image === undefined ? undefined : nextBoot(host, image, deps.base)
  const problems = boot === undefined ? [] : await findProblems(deps, boot)
  const admit = await queueGate(deps)
  // As the server does it for a machine that asks.
  const decision = decide(host, deps.find, (asking, wanted) =>
    problems.length === 0
      ? admit(asking, wanted)
      : { kind: 'hold', reason: `${wanted.name} cannot be installed: ${problems.join('; ')}` },
  )
  const request = boot === undefined ? undefined : await prepareInstall(deps, boot)
  return {
    ...{ host, decision, problems, image },
    why: whyOf(host, decision),
    warnings: boot === undefined || problems.length > 0 ? [] : await findWarnings(deps, boot),
    script: await tryScript(deps, host, decision),
    settings: request === undefined ? [] : settingsOf(request),
    files: filesOf(deps, request),
    limits: await listLimits(deps, { host, request }),
  }
}

/** The names of the files that are made for a boot. @param request `undefined` when it installs nothing */
export function filesOf(deps: Pick<ExplainDeps, 'kindOf'>, request: InstallRequest | undefined): readonly string[] {
  if (request === undefined) return [SCRIPT]
  const ofKind = deps.kindOf(request.image).bootFiles?.(request.settings) ?? []
  return [SCRIPT, ...ofKind, POST_INSTALL, ...seedFiles(request)]
}

/** Whether a host would have to wait for its turn. Who waits already only the server knows: the host is taken for the first of them. */
async function queueGate(deps: ExplainDeps): Promise<Gate> {
  const limits = await readInstallLimits(deps)
  const now = deps.now()
  const running = stillRunning(await deps.store.listRunning(), now)
  return (host, image) => {
    if (running.some((one) => one.hostId === host.id && one.image === image.name)) return undefined
    const queue = [{ hostId: host.id, image: image.name, since: now, heardAt: now }]
    const { place, waiting } = placeOf(host.id, { running, queue, limits })
    return place === 0 ? undefined : { kind: 'queue', image, place, waiting }
  }
}

/** What is set for an install. */
export function settingsOf({ image, settings, description }: InstallRequest): readonly ExplainedSetting[] {
  const origins = [...settingOrigins(CONFIG_KEY, description), ...settingOrigins(image.kind, settings)]
  return origins.map(({ path, value, layer }) => ({ path, value, from: PLACES[layer] ?? 'server' }))
}

/** As the server would find it at its next boot: a plan may be void by now, an install have begun too often. */
async function asItWouldBe({ store, now }: ExplainDeps, host: Host): Promise<Host> {
  const current = expire({ host, events: [] }, now())
  const defaults = await store.readDefaults()
  return breakLoop(current, now(), (host) => loopLimitsOf(defaults, host)).host
}

/** @throws {ProvisionError} not-found */
export function planned({ find }: Pick<ExplainDeps, 'find'>, host: Host, image: string): Host {
  if (find(image) === undefined) throw new ProvisionError('not-found', `there is no image ${image}`)
  return { ...host, state: 'assigned', plan: { images: [image], end: 'finished' }, expiresAt: undefined }
}

function nextImage({ find }: ExplainDeps, { state, plan }: Host): Image | undefined {
  const name = state === 'assigned' || state === 'installing' ? plan.images[0] : undefined
  return name === undefined ? undefined : find(name)
}

function whyOf(host: Host, decision: Decision): string {
  switch (decision.kind) {
    case 'wait':
      return 'it is new, and has no plan'
    case 'local':
      return `it is finished: nothing is left of its plan${decision.by === 'auto' ? '' : `, and it was told to leave by ${decision.by}`}`
    case 'install':
      return host.state === 'installing'
        ? `its plan is ${formatPlan(host.plan)}, and no callback has said yet that ${decision.image.name} is applied`
        : `its plan is ${formatPlan(host.plan)}`
    case 'queue':
      return `its plan is ${formatPlan(host.plan)}, and as many hosts install as may at once`
    case 'hold':
      return host.state === 'failed'
        ? 'it failed, and waits for a person: --retry, or another plan'
        : `its plan is ${formatPlan(host.plan)}, which cannot go on`
  }
}

async function tryScript(deps: ExplainDeps, host: Host, decision: Decision): Promise<Explanation['script']> {
  try {
    const request = await scriptRequest(deps, host, decision)
    const { result: text, used } = deps.templates.noting(() => deps.templates.bootScript(request))
    return { template: deps.templates.bootTemplate(request), templates: used, text }
  } catch (error) {
    // The machine would be told so by a script of the package.
    if (error instanceof ProvisionError) return { problem: error.message }
    throw error
  }
}
