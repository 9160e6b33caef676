import { placeOf, stillRunning } from '../core/admission.ts'
import { type BootUrls, bootUrls } from '../core/boot-urls.ts'
import { CONFIG_KEY } from '../core/config/model.ts'
import { type Decision, decide, type Gate } from '../core/decide.ts'
import { ProvisionError } from '../core/errors.ts'
import { expire } from '../core/greet.ts'
import { type Host, nameOf } from '../core/host.ts'
import type { Mac } from '../core/identity.ts'
import type { FindImage, Image } from '../core/image.ts'
import type { Json } from '../core/json.ts'
import { formatPlan } from '../core/plan.ts'
import { breakLoop } from '../core/watch/loops.ts'
import type { BootFile, InstallRequest, Kind } from '../kinds/kind.ts'
import { seedFile, seedFiles, tryWholeJson } from '../kinds/seed.ts'
import { settingOrigins } from '../kinds/setting-origins.ts'
import { standInKindSecrets, standInSecrets } from '../kinds/settings.ts'
import type { BootScriptRequest } from '../render/boot-data.ts'
import type { TemplateSet } from '../render/templates.ts'
import type { Store } from '../store/store.ts'
import { findHost } from './find-host.ts'
import { findProblems, findWarnings, NO_BOOTID, nextBoot, type ProblemDeps, USUAL_BASE } from './find-problems.ts'
import { type LimitDeps, readInstallLimits } from './install-limits.ts'
import { loadKernel } from './load-kernel.ts'
import { prepareInstall } from './prepare-install.ts'
import { loopLimitsOf } from './watch-settings.ts'

export interface ExplainDeps extends ProblemDeps, LimitDeps {
  readonly store: Pick<Store, 'findHosts' | 'readDefaults' | 'listRunning' | 'findInstall' | 'findSign'>
  readonly images: ProblemDeps['images'] & LimitDeps['images']
  readonly templates: TemplateSet
  readonly find: FindImage
  kindOf(image: Image): Kind
  /** The address by which machines reach the server, when it is known. */
  readonly base: string | undefined
  /** In ms since 1970. */
  readonly now: () => number
}

/** What a host would get at its next boot, and why. */
export interface Explanation {
  /** As it would be found then: a plan that is void is gone, and the image that was asked about is its plan. */
  readonly host: Host
  readonly decision: Decision
  readonly why: string
  /** What its loader or its installer would refuse. */
  readonly problems: readonly string[]
  /** What would go on, but otherwise than it is probably meant. */
  readonly warnings: readonly string[]
  /** The boot script with the name of its template, or what is wrong with that. */
  readonly script: { readonly template: string; readonly text: string } | { readonly problem: string }
  /** The image that is next in its plan, if it is there. */
  readonly image: Image | undefined
  /** What is set for its install, at the places that there are. */
  readonly settings: readonly ExplainedSetting[]
  /** The names of the files that are made for the boot. */
  readonly files: readonly string[]
}

/** Where a setting stands; the strongest first, as {@link prepareInstall} gathers them. */
const PLACES = ['host', 'image', 'image.json', 'server'] as const

/** A setting that counts for a host. */
export interface ExplainedSetting {
  readonly path: string
  /** Secrets read `(set)`. */
  readonly value: Json
  readonly from: (typeof PLACES)[number]
}

/** The boot script and the post-install script, which are made for images of every kind. */
const SCRIPT = 'script'
const POST_INSTALL = 'post-install'

/**
 * Says what a host would get at its next boot, changing nothing.
 * @param imageName asks what would be if its plan were this image
 * @throws {ProvisionError} not-found, for an unknown host or image; conflict, when several hosts fit
 */
export async function explain(deps: ExplainDeps, hostText: string, imageName?: string): Promise<Explanation> {
  const known = await findHost(deps.store, hostText)
  const host = imageName === undefined ? await asItWouldBe(deps, known) : planned(known, imageName)
  if (imageName !== undefined && deps.find(imageName) === undefined) {
    throw new ProvisionError('not-found', `there is no image ${imageName}`)
  }
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
  const made =
    request === undefined ? [] : [...(deps.kindOf(request.image).bootFiles?.(request.settings) ?? []), POST_INSTALL]
  return {
    ...{ host, decision, problems, image },
    why: whyOf(host, decision),
    warnings: boot === undefined || problems.length > 0 ? [] : await findWarnings(deps, boot),
    script: await tryScript(deps, host, decision),
    settings: request === undefined ? [] : originsOf(request),
    files: [SCRIPT, ...made, ...(request === undefined ? [] : seedFiles(request))],
  }
}

/**
 * Makes one file as the host would get it at its next boot, but for the boot's id, which is zeros.
 * @param showsSecrets without it, settings that nobody may see have other values of the same form
 * @throws {ProvisionError} not-found, when there is no such file; whatever stands in the way of making it
 */
export async function explainFile(
  deps: ExplainDeps,
  { host, decision, image, files }: Explanation,
  { name, showsSecrets }: { readonly name: string; readonly showsSecrets: boolean },
): Promise<BootFile['body']> {
  if (name === SCRIPT) return deps.templates.bootScript(await scriptRequest(deps, host, decision))
  if (image !== undefined && name === POST_INSTALL) {
    const request = await prepareInstall(deps, nextBoot(host, image, deps.base))
    const script = await scriptRequest(deps, host, decision)
    const config = tryWholeJson(showsSecrets ? request : withoutSecrets(request))
    return deps.templates.postInstall({ ...script, image: image.name, config })
  }
  const made = image === undefined ? undefined : await makeFile(deps, { host, image, name, showsSecrets })
  if (made !== undefined) return made.body
  throw new ProvisionError('not-found', `no file ${name} is made for ${nameOf(host)}; there are ${files.join(', ')}`)
}

async function makeFile(
  deps: ExplainDeps,
  asked: { readonly host: Host; readonly image: Image; readonly name: string; readonly showsSecrets: boolean },
): Promise<BootFile | undefined> {
  const { host, image } = asked
  const { name, mac } = cardOf(host, asked.name)
  const request = await prepareInstall(deps, { ...nextBoot(host, image, deps.base), mac })
  const shown = asked.showsSecrets ? request : withoutSecrets(request)
  return (await deps.kindOf(image).bootFile?.(name, shown)) ?? seedFile(name, shown)
}

/**
 * A loader asks for `01-<mac>/boot.cfg` by the card that it booted from; `boot.cfg` is shown for the first one. All other files are asked for
 * without a word of a card.
 */
function cardOf(host: Host, file: string): { readonly name: string; readonly mac: Mac | undefined } {
  const mac = host.macs.find((one) => file === `01-${one.replaceAll(':', '-')}/boot.cfg`)
  if (mac !== undefined) return { name: 'boot.cfg', mac }
  return { name: file, mac: file === 'boot.cfg' ? host.macs[0] : undefined }
}

/** No file is made of the real ones: what a template of an operator's own does with them cannot be known. */
function withoutSecrets(request: InstallRequest): InstallRequest {
  const { host, image, settings } = request
  return {
    ...request,
    host: { ...host, metadata: standInSecrets(host.metadata) },
    image: {
      ...image,
      ...(image.settings && { settings: standInKindSecrets(image.kind, image.settings) }),
      ...(image.description && { description: standInKindSecrets(CONFIG_KEY, image.description) }),
    },
    settings: settings.map((layer) => standInKindSecrets(image.kind, layer)),
    description: request.description.map((layer) => standInKindSecrets(CONFIG_KEY, layer)),
  }
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

function originsOf({ image, settings, description }: InstallRequest): readonly ExplainedSetting[] {
  const origins = [...settingOrigins(CONFIG_KEY, description), ...settingOrigins(image.kind, settings)]
  return origins.map(({ path, value, layer }) => ({ path, value, from: PLACES[layer] ?? 'server' }))
}

/** As the server would find it at its next boot: a plan may be void by now, an install have begun too often. */
async function asItWouldBe({ store, now }: ExplainDeps, host: Host): Promise<Host> {
  const current = expire({ host, events: [] }, now())
  return breakLoop(current, now(), loopLimitsOf(await store.readDefaults(), current.host)).host
}

function planned(host: Host, image: string): Host {
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
    return { template: deps.templates.bootTemplate(request), text: deps.templates.bootScript(request) }
  } catch (error) {
    // The machine would be told so by a script of the package.
    if (error instanceof ProvisionError) return { problem: error.message }
    throw error
  }
}

async function scriptRequest(deps: ExplainDeps, host: Host, decision: Decision): Promise<BootScriptRequest> {
  const base = deps.base ?? USUAL_BASE
  const urls: BootUrls = bootUrls(base, host.id, NO_BOOTID)
  const { hostname, port, protocol } = new URL(base)
  const server = { address: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
  const load =
    decision.kind === 'install'
      ? await loadKernel(deps, { host, image: decision.image, urls, mac: undefined })
      : undefined
  return { host, decision, urls, server, bootid: NO_BOOTID, load }
}
