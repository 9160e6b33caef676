import type { Decision } from '../../core/decide.ts'
import type { Host } from '../../core/host.ts'
import type { FindImage, Image } from '../../core/image.ts'
import type { Json } from '../../core/json.ts'
import type { Limit } from '../../core/limit.ts'
import type { Kind } from '../../kinds/kind.ts'
import type { TemplateSet, UsedTemplate } from '../../render/templates.ts'
import type { Store } from '../../store/store.ts'
import type { ProblemDeps } from '../find-problems.ts'
import type { LimitDeps } from '../install-limits.ts'

export interface ExplainDeps extends ProblemDeps, LimitDeps {
  readonly store: Pick<
    Store,
    'findHosts' | 'findSharing' | 'nextHostId' | 'readDefaults' | 'listRunning' | 'findInstall' | 'findSign'
  >
  readonly images: ProblemDeps['images'] & LimitDeps['images']
  readonly templates: Pick<
    TemplateSet,
    'bootScript' | 'bootTemplate' | 'postInstall' | 'kindFile' | 'conflict' | 'noting'
  >
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
  readonly script:
    | { readonly template: string; readonly templates: readonly UsedTemplate[]; readonly text: string }
    | { readonly problem: string }
  /** The image that is next in its plan, if it is there. */
  readonly image: Image | undefined
  /** What is set for its install, at the places that there are. */
  readonly settings: readonly ExplainedSetting[]
  /** The names of the files that are made for the boot. */
  readonly files: readonly string[]
  /** All limits that were looked at, with how near each is. */
  readonly limits: readonly Limit[]
}

/** A file that is made for a boot, as far as it can be said without showing it. */
export type MadeFile = { readonly name: string } & (
  | {
      /** In bytes. */
      readonly size: number
      /** Of what is shown: the id of the boot is zeros, and secrets are stand-ins unless they were asked for. */
      readonly sha256: string
      /** What it was made of: the first is its own template, the others are its includes. None for what no template makes. */
      readonly templates: readonly UsedTemplate[]
    }
  | { readonly problem: string }
)

/** What the files of a boot are made of. */
export type Explained = Pick<Explanation, 'host' | 'decision' | 'image' | 'files' | 'settings'>

/** Where a setting stands; the strongest first, as `prepareInstall` gathers them. */
export const PLACES = ['host', 'image', 'image.json', 'server'] as const

/** A setting that counts for a host. */
export interface ExplainedSetting {
  readonly path: string
  /** Secrets read `(set)`. */
  readonly value: Json
  readonly from: (typeof PLACES)[number]
}
