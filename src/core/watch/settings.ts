import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { type Rules, readKeys } from '../read-keys.ts'
import { type ReadValue, wholeNumber } from '../setting-rules.ts'
import type { Deadlines } from './deadlines.ts'
import type { LoopLimits } from './loops.ts'
import type { WatchStage } from './stages.ts'

/** The key below which operators set it, for a host, an image or all. */
export const WATCH_KEY = 'watchdog'

const MIN = 60_000
const minutes: ReadValue<number> = wholeNumber(0, 7 * 24 * 60)

type WatchKeys = { readonly [S in Exclude<WatchStage, 'configured'>]: number } & {
  readonly retry: number
  readonly loopBoots: number
  readonly loopMinutes: number
}

/** The stages in minutes, 0 for as long as it likes. */
const RULES: Rules<WatchKeys> = {
  script: minutes,
  files: minutes,
  loader: minutes,
  kernel: minutes,
  modules: minutes,
  kickstart: minutes,
  pre: minutes,
  post: minutes,
  finished: minutes,
  retry: wholeNumber(0, 20),
  loopBoots: wholeNumber(0, 20),
  loopMinutes: wholeNumber(1, 7 * 24 * 60),
}

/** The keys that can be set, for hints. */
export const WATCH_KEYS: readonly string[] = Object.keys(RULES)

/** What is wrong with what is set at one place, a sentence each. */
export function watchProblems(settings: JsonObject): readonly string[] {
  return readKeys(`${WATCH_KEY}.`, settings, RULES).problems
}

/** What operators set for the watch over an install. */
export interface WatchSettings {
  readonly deadlines: Deadlines
  readonly loop: LoopLimits
}

/** So many boots of one install without its end are a loop. */
const USUAL_LOOP = { boots: 5, minutes: 60 }

/** Reads what counts for an install. @param layers what stands below {@link WATCH_KEY}, the strongest first; what cannot be read is left out */
export function readWatchSettings(layers: readonly (Json | undefined)[]): WatchSettings {
  const merged = Object.assign({}, ...layers.toReversed().filter((layer) => layer !== undefined && isJsonObject(layer)))
  const { values } = readKeys(`${WATCH_KEY}.`, merged as JsonObject, RULES)
  const { retry, loopBoots = USUAL_LOOP.boots, loopMinutes = USUAL_LOOP.minutes, ...stages } = values
  const deadlines = Object.fromEntries(Object.entries(stages).map(([stage, value]) => [stage, value * MIN]))
  return { deadlines, loop: { boots: loopBoots, within: loopMinutes * MIN, retry } }
}
