import { type BootUrls, bootUrls } from '../core/boot-urls.ts'
import { type Decision, decide } from '../core/decide.ts'
import { ProvisionError } from '../core/errors.ts'
import { expire } from '../core/greet.ts'
import { type Host, nameOf } from '../core/host.ts'
import type { FindImage, Image } from '../core/image.ts'
import { formatPlan } from '../core/plan.ts'
import type { BootFile, InstallRequest, Kind } from '../kinds/kind.ts'
import { standInKindSecrets, standInSecrets } from '../kinds/settings.ts'
import type { BootScriptRequest } from '../render/boot-data.ts'
import type { TemplateSet } from '../render/templates.ts'
import type { Store } from '../store/store.ts'
import { findHost } from './find-host.ts'
import { findProblems, NO_BOOTID, nextBoot, type ProblemDeps, USUAL_BASE } from './find-problems.ts'
import { prepareInstall } from './prepare-install.ts'

export interface ExplainDeps extends ProblemDeps {
  readonly store: Pick<Store, 'findHosts' | 'readDefaults'>
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
  /** The boot script with the name of its template, or what is wrong with that. */
  readonly script: { readonly template: string; readonly text: string } | { readonly problem: string }
  /** The image that is next in its plan, if it is there. */
  readonly image: Image | undefined
  /** The names of the files that are made for the boot. */
  readonly files: readonly string[]
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
  const host =
    imageName === undefined ? expire({ host: known, events: [] }, deps.now()).host : planned(known, imageName)
  if (imageName !== undefined && deps.find(imageName) === undefined) {
    throw new ProvisionError('not-found', `there is no image ${imageName}`)
  }
  const image = nextImage(deps, host)
  const problems = image === undefined ? [] : await findProblems(deps, nextBoot(host, image, deps.base))
  // As the server does it for a machine that asks.
  const decision = decide(host, deps.find, (_host, { name }) =>
    problems.length === 0 ? undefined : { kind: 'hold', reason: `${name} cannot be installed: ${problems.join('; ')}` },
  )
  const made = image === undefined ? [] : [...(deps.kindOf(image).bootFiles ?? []), POST_INSTALL]
  return {
    ...{ host, decision, problems, image },
    why: whyOf(host, decision),
    script: tryScript(deps, host, decision),
    files: [SCRIPT, ...made],
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
  if (name === SCRIPT) return deps.templates.bootScript(scriptRequest(deps, host, decision))
  if (image !== undefined && name === POST_INSTALL) {
    return deps.templates.postInstall({ ...scriptRequest(deps, host, decision), image: image.name })
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
  const request = await prepareInstall(deps, nextBoot(host, image, deps.base))
  return deps.kindOf(image).bootFile?.(asked.name, asked.showsSecrets ? request : withoutSecrets(request))
}

/** No file is made of the real ones: what a template of an operator's own does with them cannot be known. */
function withoutSecrets(request: InstallRequest): InstallRequest {
  const { host, image, settings } = request
  return {
    ...request,
    host: { ...host, metadata: standInSecrets(host.metadata) },
    image:
      image.settings === undefined ? image : { ...image, settings: standInKindSecrets(image.kind, image.settings) },
    settings: settings.map((layer) => standInKindSecrets(image.kind, layer)),
  }
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

function tryScript(deps: ExplainDeps, host: Host, decision: Decision): Explanation['script'] {
  try {
    const request = scriptRequest(deps, host, decision)
    return { template: deps.templates.bootTemplate(request), text: deps.templates.bootScript(request) }
  } catch (error) {
    // The machine would be told so by a script of the package.
    if (error instanceof ProvisionError) return { problem: error.message }
    throw error
  }
}

function scriptRequest(deps: ExplainDeps, host: Host, decision: Decision): BootScriptRequest {
  const base = deps.base ?? USUAL_BASE
  const urls: BootUrls = bootUrls(base, host.id, NO_BOOTID)
  const { hostname, port, protocol } = new URL(base)
  const server = { address: hostname, port: Number(port || (protocol === 'https:' ? 443 : 80)) }
  const load = decision.kind === 'install' ? deps.kindOf(decision.image).boot(decision.image, urls) : undefined
  return { host, decision, urls, server, bootid: NO_BOOTID, load }
}
