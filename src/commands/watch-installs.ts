import type { Image } from '../core/image.ts'
import { isJsonObject, type Json } from '../core/json.ts'
import type { Soon } from '../core/soon.ts'
import { type Deadlines, learnDeadline, mergeDeadlines, USUAL_DEADLINES } from '../core/watch/deadlines.ts'
import { judgeInstall } from '../core/watch/judge.ts'
import { readWatchSettings } from '../core/watch/settings.ts'
import { type StageTime, WATCH_STAGES } from '../core/watch/stages.ts'
import type { Verdict, Watched } from '../core/watch/verdict.ts'
import type { Kind } from '../kinds/kind.ts'
import type { Judge, Lease, Look, Store, WatchPlace } from '../store/store.ts'
import { watchLayers } from './watch-settings.ts'

/** How long what was learned of an image holds, in ms. */
const FRESH_MS = 60_000

export interface WatchDeps {
  readonly store: Pick<Store, 'watchInstalls' | 'listStageTimes' | 'readDefaults'>
  /** The images that there are, with all that a plan may name. */
  findImages(): Soon<(name: string) => Image | undefined>
  kindOf(image: Image): Pick<Kind, 'deadlines'>
  /** Who watches, of several servers over one database. */
  readonly lease: Lease
  /** In ms since 1970. */
  now(): number
}

/** What counts for installs of an image, without what is set for their hosts. */
interface Standard {
  readonly at: number
  /** What is set for the image and for all, the strongest first. */
  readonly settings: readonly (Json | undefined)[]
  /** What was learned and what its kind and everybody needs, the strongest first. */
  readonly known: readonly Deadlines[]
  readonly deadlines: Deadlines
}

const NOTHING: Look = { verdicts: [], next: undefined }

/** Looks after installs: finds those that come no further. */
export class InstallWatch {
  readonly #deps: WatchDeps
  readonly #standards = new Map<string, Standard>()
  /** Where to go on, when there were too many for the last look. */
  #from: WatchPlace | undefined

  constructor(deps: WatchDeps) {
    this.#deps = deps
  }

  /**
   * Looks once at all installs, or goes on where the last look ended when there are thousands.
   * @returns what was found and written; nothing while another server watches
   * @throws {ProvisionError} unavailable
   */
  async look(): Promise<readonly Verdict[]> {
    const first = await this.#judge()
    for (const image of first.missing) await this.#learn(image)
    const second = first.missing.size === 0 ? undefined : await this.#judge()
    this.#from = (second ?? first).next
    return [...first.verdicts, ...(second?.verdicts ?? [])]
  }

  /** Judges those of whose image enough is known, and names the other images. */
  async #judge(): Promise<Look & { readonly missing: ReadonlySet<string> }> {
    const { store, lease } = this.#deps
    const now = this.#deps.now()
    const missing = new Set<string>()
    const judge: Judge = (installs, listening) =>
      installs.flatMap((watched) => {
        const standard = this.#standards.get(watched.image)
        const isFresh = standard !== undefined && Math.abs(now - standard.at) < FRESH_MS
        if (!isFresh) missing.add(watched.image)
        return isFresh ? (judgeInstall(watched, deadlinesFor(watched, standard), { now, listening }) ?? []) : []
      })
    const look = await store.watchInstalls(lease, now, judge, this.#from)
    return { ...(look ?? NOTHING), missing }
  }

  async #learn(name: string): Promise<void> {
    const { store } = this.#deps
    const [times, defaults, find] = await Promise.all([
      store.listStageTimes(name),
      store.readDefaults(),
      this.#deps.findImages(),
    ])
    const image = find(name)
    const ofKind = image === undefined ? {} : (this.#deps.kindOf(image).deadlines ?? {})
    const known = [learnDeadlines(times), ofKind, USUAL_DEADLINES]
    const settings = watchLayers(defaults, name)
    const deadlines = mergeDeadlines([readWatchSettings(settings).deadlines, ...known])
    this.#standards.set(name, { at: this.#deps.now(), settings, known, deadlines })
  }
}

function deadlinesFor({ settings }: Watched, standard: Standard): Deadlines {
  if (settings === undefined || !isJsonObject(settings)) return standard.deadlines
  const { deadlines } = readWatchSettings([settings, ...standard.settings])
  return mergeDeadlines([deadlines, ...standard.known])
}

/** What an image's own history says of each stage. */
function learnDeadlines(times: readonly StageTime[]): Deadlines {
  return Object.fromEntries(
    WATCH_STAGES.map((stage) => [
      stage,
      learnDeadline(times.filter((one) => one.stage === stage).map(({ took }) => took)),
    ]),
  )
}
