import { count, partText, roughSizeText } from './words.ts'

/** How far an install is, in order. What comes first is fetched by the loader, what comes last is told by the installer. */
export const INSTALL_STAGES = [
  'loader',
  'kernel',
  'modules',
  'kickstart',
  'pre',
  'post',
  'finished',
  'configured',
] as const

export type InstallStage = (typeof INSTALL_STAGES)[number]

/** So many files, with so many bytes together. */
export interface Amount {
  readonly files: number
  readonly bytes: number
}

/** What the server has seen of one install. Times in ms since 1970. */
export interface InstallProgress {
  /** `undefined` for a kind of image of which the stages are not known. */
  readonly stage: InstallStage | undefined
  /** When this stage began. */
  readonly since: number
  /** What was fetched in this stage, each file once. */
  readonly done: Amount
  /** All that there is to fetch in this stage; `undefined` when that is not known. */
  readonly total: Amount | undefined
  /** When the machine was last heard in this install. */
  readonly heardAt: number
  /** A file that is on its way, as far as it is sent; when one takes a while. */
  readonly file?: SentFile
  /** The file of this stage that arrived last. */
  readonly last?: string | undefined
}

/** A file of which so many bytes were sent so far. */
export interface SentFile {
  readonly name: string
  readonly bytes: number
  readonly size: number
}

/** A file that arrived whole, or a part of one. */
export interface Arrival {
  /** Its name, to tell which one was the last. */
  readonly file?: string
  readonly bytes: number
  /** Whether the file is complete by it; one that came before counts no more. */
  readonly isFile: boolean
  /** `undefined` for a file that belongs to no stage. */
  readonly stage: InstallStage | undefined
  /** All that there is in that stage. */
  readonly total: Amount | undefined
}

/** How far an install is now, and what is worth an event: the stages that have just ended. */
export interface ProgressStep {
  readonly progress: InstallProgress
  readonly ended: readonly string[]
}

const NOTHING: Amount = { files: 0, bytes: 0 }

/** An install that has just begun. */
export function startInstall(at: number): InstallProgress {
  return { stage: undefined, since: at, done: NOTHING, total: undefined, heardAt: at }
}

/** Counts what arrived. A file of a stage that is over is not counted: loaders look at some things again. */
export function arrive(progress: InstallProgress, arrival: Arrival, at: number): ProgressStep {
  const { stage = progress.stage, total } = arrival
  if (isBefore(stage, progress.stage)) return { progress: { ...progress, heardAt: at }, ended: [] }
  const entered = enterStage(progress, stage, at)
  const current = entered.progress
  const counted = {
    ...current,
    total: arrival.stage === undefined ? current.total : total,
    done: { files: current.done.files + (arrival.isFile ? 1 : 0), bytes: current.done.bytes + arrival.bytes },
    last: arrival.isFile && arrival.file !== undefined ? arrival.file : current.last,
  }
  const isWholeNow = isWhole(counted) && !isWhole(current)
  return { progress: counted, ended: isWholeNow ? [...entered.ended, describeStage(counted, at)] : entered.ended }
}

/** Notes that an install has come to a stage; going back is not believed. */
export function enterStage(progress: InstallProgress, stage: InstallStage | undefined, at: number): ProgressStep {
  if (stage === progress.stage || isBefore(stage, progress.stage)) {
    return { progress: { ...progress, heardAt: at }, ended: [] }
  }
  // One that was whole was told when it became that.
  const hasMore = progress.stage !== undefined && progress.done.files > 0 && !isWhole(progress)
  return { progress: { ...startInstall(at), stage }, ended: hasMore ? [describeStage(progress, at)] : [] }
}

/** Whether a stage comes before another; before none there is nothing. */
function isBefore(stage: InstallStage | undefined, other: InstallStage | undefined): boolean {
  if (other === undefined) return false
  return stage === undefined || INSTALL_STAGES.indexOf(stage) < INSTALL_STAGES.indexOf(other)
}

function isWhole({ done, total }: InstallProgress): boolean {
  return total !== undefined && done.files >= total.files
}

/** `modules: 110 files, 612 MB in 14 s`, with what it should have been when it is less. */
function describeStage({ stage, since, done, total }: InstallProgress, at: number): string {
  const missing = total !== undefined && done.files < total.files ? ` of ${total.files}` : ''
  const files = missing === '' ? count(done.files, 'file') : `${done.files}${missing} files`
  return `${stage ?? 'files'}: ${files}, ${roughSizeText(done.bytes)} in ${seconds(at - since)} s`
}

/** In percent of its stage, by bytes; `undefined` when it is not known how many there are. */
export function percentOf({ done, total, file }: InstallProgress): number | undefined {
  if (total === undefined || total.bytes === 0) return undefined
  // Until it has arrived whole, an install is not whole.
  const [bytes, most] = file === undefined ? [done.bytes, 100] : [done.bytes + file.bytes, 99]
  return Math.min(most, Math.floor((100 * bytes) / total.bytes))
}

/** In bytes a second, over its stage; `undefined` when nothing can be said of it yet. */
export function rateOf({ since, done, heardAt, file }: InstallProgress): number | undefined {
  const bytes = done.bytes + (file?.bytes ?? 0)
  return heardAt > since && bytes > 0 ? Math.round((1000 * bytes) / (heardAt - since)) : undefined
}

/** `modules 45 %`: where an install is, for a narrow place. */
export function shortProgress(progress: InstallProgress): string {
  const percent = percentOf(progress)
  return [progress.stage, percent === undefined ? undefined : `${percent} %`].filter(Boolean).join(' ')
}

/** `modules 45 % (49 of 110 files, 280 of 612 MB, 45 MB/s)`. */
export function describeProgress(progress: InstallProgress): string {
  const { done, total, file } = progress
  const onItsWay = file === undefined ? '' : describeFile(file)
  if (done.files === 0 && done.bytes === 0) return [shortProgress(progress), onItsWay].filter(Boolean).join(', ')
  const rate = rateOf(progress)
  const counts = [
    total === undefined ? count(done.files, 'file') : `${done.files} of ${total.files} files`,
    total === undefined ? roughSizeText(done.bytes) : partText(done.bytes, total.bytes),
    ...(rate === undefined ? [] : [`${roughSizeText(rate)}/s`]),
  ]
  return [`${shortProgress(progress)} (${counts.join(', ')})`.trim(), onItsWay].filter(Boolean).join(', ')
}

/** `system.raw 37 % (259 of 700 MB)`. */
function describeFile({ name, bytes, size }: SentFile): string {
  const percent = size === 0 ? 0 : Math.min(99, Math.floor((100 * bytes) / size))
  return `${name} ${percent} % (${partText(bytes, size)})`
}

function seconds(ms: number): string {
  return ms < 9950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000))
}
