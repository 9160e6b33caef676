import type {
  BootScriptRequest,
  CustomData,
  HoldData,
  HostData,
  InstallData,
  LocalData,
  QueueData,
} from './boot-data.ts'
import type { TemplatePlace, TemplateRoot } from './template-files.ts'

/** The directories with templates. Each is a list, to be searched in order; the operator's may be empty. */
export interface TemplateRoots {
  readonly operator: readonly TemplateRoot[]
  readonly builtin: readonly TemplateRoot[]
  /** The operator's, then the package's. */
  readonly shared: readonly TemplateRoot[]
  readonly images: readonly TemplateRoot[]
}

/** Where a machine's script is looked for, in order: KIWIspray's places first, so that its users find what they put there. */
export function bootPlaces(roots: TemplateRoots, request: BootScriptRequest): readonly TemplatePlace[] {
  const { decision, load } = request
  const word = wordOf(request)
  const own = word === undefined ? [] : [...both(roots.images, `${word}/host`), ...both(roots.operator, word)]
  if (decision.kind !== 'install') return [...own, eta(roots.shared, `boot/${decision.kind}`)]
  return [
    ...own,
    eta(roots.shared, `kinds/${decision.image.kind}`),
    load === undefined ? tmpl(roots.operator, 'known_host') : eta(roots.shared, 'boot/kernel'),
  ]
}

/** The same text for all that {@link bootPlaces} looks for in the same places. */
export function placesKey(request: BootScriptRequest): string {
  const { decision, load } = request
  const image = decision.kind === 'install' ? `${decision.image.kind} ${load === undefined}` : ''
  return `${decision.kind} ${wordOf(request)} ${image}`
}

/** Where an image's post-install script is looked for, in order. */
export function postInstallPlaces(roots: TemplateRoots, image: string): readonly TemplatePlace[] {
  return [
    ...both(roots.images, `${image}/post_install`),
    ...both(roots.operator, 'post_install'),
    eta(roots.shared, 'boot/post_install'),
  ]
}

/** Whose file it is that a template makes. */
export interface KindFile {
  readonly image: string
  readonly kind: string
}

/** Where the template of a boot's own file is looked for, in order. */
export function kindFilePlaces(
  roots: TemplateRoots,
  { image, kind }: KindFile,
  name: string,
): readonly TemplatePlace[] {
  return [eta(roots.images, `${image}/${name}`), eta(roots.shared, `kinds/${kind}/${name}`)]
}

/** What the templates of a decision find in `it`. */
export function bootData(
  request: BootScriptRequest,
): HostData | LocalData | HoldData | QueueData | InstallData | CustomData {
  const { decision, load, host, urls, server, bootid } = request
  switch (decision.kind) {
    case 'wait':
      return { host, urls, server, bootid }
    case 'local':
      return { host, urls, server, bootid, by: decision.by }
    case 'hold':
      return { host, urls, server, bootid, reason: decision.reason }
    case 'queue': {
      const { image, place, waiting } = decision
      return { host, urls, server, bootid, image, place, waiting }
    }
    case 'install':
      return { ...load, host, urls, server, bootid, image: decision.image }
  }
}

/**
 * The word by which KIWIspray's users name their templates: an image, or a state. A host that is held although it did not
 * fail has none: the script of the image that it must not get would be the worst of answers.
 */
function wordOf({ host, decision }: BootScriptRequest): string | undefined {
  switch (decision.kind) {
    case 'install':
      return decision.image.name
    case 'wait':
      return 'new'
    case 'local':
      return 'finished'
    case 'queue':
      return undefined
    case 'hold':
      return host.state === 'failed' ? 'failed' : undefined
  }
}

function both(roots: readonly TemplateRoot[], name: string): readonly TemplatePlace[] {
  return [eta(roots, name), tmpl(roots, name)]
}

function eta(roots: readonly TemplateRoot[], name: string): TemplatePlace {
  return { roots, name: `${name}.eta`, isLegacy: false }
}

function tmpl(roots: readonly TemplateRoot[], name: string): TemplatePlace {
  return { roots, name: `${name}.tmpl`, isLegacy: true }
}
