import { INSTALL_STAGES, type InstallProgress, type InstallStage } from '../install-progress.ts'

/**
 * What an install is in while it is watched: `script` until it fetches its first file, `files` when nothing is known of the stages of its
 * kind of image, and then the stages of an install. `finished` is the first start of the installed system.
 */
export type WatchStage = 'script' | 'files' | InstallStage

export const WATCH_STAGES: readonly WatchStage[] = ['script', 'files', ...INSTALL_STAGES]

/** How long one stage of one boot took. */
export interface StageTime {
  readonly stage: WatchStage
  /** In ms since 1970. */
  readonly beganAt: number
  /** In ms. */
  readonly took: number
}

/** The stages that are over when an install goes from one place to another; the first has none. @param openedAt when its boot was opened */
export function stagesLeft(
  from: InstallProgress | undefined,
  to: InstallProgress,
  { openedAt, isStaged }: { readonly openedAt: number; readonly isStaged: boolean },
): readonly StageTime[] {
  if (from === undefined) return [{ stage: 'script', beganAt: openedAt, took: Math.max(0, to.since - openedAt) }]
  // What is fetched before the first stage of an image that has stages is on the way to that.
  if (from.stage === to.stage || (from.stage === undefined && isStaged)) return []
  return [{ stage: from.stage ?? 'files', beganAt: from.since, took: Math.max(0, to.since - from.since) }]
}
