import type { WatchStage } from './stages.ts'

const MIN = 60_000

/** How long each stage may take, in ms. A stage without one may take as long as it likes. */
export type Deadlines = { readonly [S in WatchStage]?: number | undefined }

/** Long enough for slow machines: who says nothing may be writing to a disk. The first start of what was installed is watched only once it is known how long that takes. */
export const USUAL_DEADLINES: Deadlines = {
  script: 5 * MIN,
  files: 60 * MIN,
  loader: 5 * MIN,
  kernel: 5 * MIN,
  modules: 20 * MIN,
  kickstart: 10 * MIN,
  pre: 45 * MIN,
  post: 15 * MIN,
}

/** For images of which nobody knows what they do: one may wipe disks for hours, in ms. */
export const UNKNOWN_END = 4 * 60 * MIN

/** Fewer finished installs of an image say nothing of the next one. */
export const ENOUGH = 5
/** What is learned is so many times what nearly all needed, */
const MARGIN = 3
/** and never less than this, since one slow disk is no fault, in ms, */
export const SHORTEST = 2 * MIN
/** nor more than this. */
export const LONGEST = 4 * 60 * MIN

/** The deadline of a stage that took so long in finished installs, in ms; `undefined` while there are too few. */
export function learnDeadline(took: readonly number[]): number | undefined {
  if (took.length < ENOUGH) return undefined
  const sorted = took.toSorted((a, b) => a - b)
  const nearlyAll = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? LONGEST
  return Math.min(LONGEST, Math.max(SHORTEST, Math.round(MARGIN * nearlyAll)))
}

/** The deadlines that count: each from the first that has one. `0` says that the stage has none. */
export function mergeDeadlines(layers: readonly Deadlines[]): Deadlines {
  const merged: { [S in WatchStage]?: number } = {}
  for (const layer of layers.toReversed()) {
    for (const [stage, ms] of Object.entries(layer) as [WatchStage, number | undefined][]) {
      if (ms !== undefined) merged[stage] = ms
    }
  }
  return merged
}
