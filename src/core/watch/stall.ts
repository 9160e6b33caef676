import type { InstallProgress, SentFile } from '../install-progress.ts'
import { spanText } from '../words.ts'
import type { Deadlines } from './deadlines.ts'
import type { WatchStage } from './stages.ts'

/** A machine in the midst of a transfer is heard again within this, in ms: a large file is counted when it is there. */
export const QUIET = 3 * 60_000

/** Where an install stands, as far as the server knows. */
export interface Position {
  readonly stage: WatchStage
  /** What it has fetched; `undefined` before the first file. */
  readonly progress: InstallProgress | undefined
  /** When this stage began, in ms since 1970. */
  readonly since: number
  /** When its machine was last heard. */
  readonly heardAt: number
}

/** Where an install is that has fetched something. */
export function positionOf(progress: InstallProgress): Position {
  const { stage = 'files', since, heardAt } = progress
  return { stage, progress, since, heardAt: Math.max(since, heardAt) }
}

/** Where one is that was given its script. @param openedAt when it asked last */
export function scriptPosition(openedAt: number): Position {
  return { stage: 'script', progress: undefined, since: openedAt, heardAt: openedAt }
}

/**
 * Whether an install takes longer than it may: its stage is over its deadline, and its machine is silent.
 * @param listening since when there has been a server to hear it, in ms since 1970: before that its silence says nothing
 */
export function isOverdue(
  { stage, since, heardAt }: Position,
  deadlines: Deadlines,
  { now, listening }: { readonly now: number; readonly listening: number },
): boolean {
  const deadline = deadlines[stage] ?? 0
  if (deadline <= 0) return false
  return now - Math.max(since, listening) > deadline && now - Math.max(heardAt, listening) > Math.min(deadline, QUIET)
}

/** What was seen last of an install that is overdue, and what that probably comes of; one sentence, with what to look at. */
export function describeStall(position: Position, now: number): string {
  const silent = spanText(now - position.heardAt)
  switch (position.stage) {
    case 'script':
      return `it got its boot script ${silent} ago and has fetched nothing: iPXE hangs, or cannot load from this server; look at its console`
    case 'files':
      return `it has been silent for ${silent}${after(position)}: what it started hangs, or has lost the network; look at its console`
    case 'loader':
      return `stopped${after(position)}, ${silent} ago: its loader does not run on this machine, or has lost the network; look at its console`
    case 'kernel':
      return `stopped${after(position)} of its kernel, ${silent} ago: its loader gives up at the first error; look at its console and its network`
    case 'modules':
      return stoppedInModules(position, silent)
    case 'kickstart':
      return `it has its kickstart and has said nothing for ${silent}: its installer refused a line of it, or waits at a question; its console says which`
    case 'pre':
      return `its installer began and has said nothing for ${silent}: it refused its kickstart, found no disk that it takes, asks something, or lost the network; look at its console`
    case 'post':
      return `its image is on the disk, and its last scripts have said nothing for ${silent}: one hangs, or cannot reach this server; look at its console`
    case 'finished':
    case 'configured':
      return `it was installed and its first start has said nothing for ${silent}: it does not start from its disk, or cannot reach this server; look at its console and boot order`
  }
}

function stoppedInModules({ progress }: Position, silent: string): string {
  const { done = { files: 0, bytes: 0 }, total, last, file }: Partial<InstallProgress> = progress ?? {}
  if (total !== undefined && done.files >= total.files) {
    return `it has all ${total.files} modules and has not asked for its kickstart for ${silent}: the kernel does not start on this machine, or finds no network card that it knows; look at its console`
  }
  const of = total === undefined ? `${done.files} so far` : `${done.files} of ${total.files}`
  const where = file === undefined ? `after module ${last ?? 'none'}` : `in module ${sentText(file)}`
  return `stopped ${where} (${of}), ${silent} ago: its loader gives up at the first error; look at its console and its network`
}

function after({ progress }: Position): string {
  if (progress?.file !== undefined) return ` in ${sentText(progress.file)}`
  return progress?.last === undefined ? '' : ` after ${progress.last}`
}

/** `s.v00, at 37 %`: a file that was on its way. */
function sentText({ name, bytes, size }: SentFile): string {
  return size === 0 ? name : `${name}, at ${Math.floor((100 * bytes) / size)} %`
}
