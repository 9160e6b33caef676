import type { Attention } from '../../../core/attention.ts'
import { expire } from '../../../core/greet.ts'
import type { Host, HostState } from '../../../core/host.ts'
import { type InstallProgress, percentOf, rateOf } from '../../../core/install-progress.ts'
import { formatPlan } from '../../../core/plan.ts'
import { agoText, count, partText, roughSizeText, spanText } from '../../../core/words.ts'
import type { Install } from '../../../store/store.ts'

/** One host as a line of the fleet page; every text is ready to be printed. */
export interface HostLine {
  readonly id: number
  readonly name: string
  /** What tells a machine without a name from others. */
  readonly known: string
  readonly state: HostState
  readonly isProtected: boolean
  readonly plan: string
  readonly level: Attention['level']
  /** What is so, as a sentence. */
  readonly why: string
  /** What a person has to do, as sentences; empty when nothing. */
  readonly todo: string
  readonly progress: ProgressView | undefined
  readonly seen: string
  readonly seenAt: string
}

/** How far an install is. */
export interface ProgressView {
  readonly stage: string
  /** 0 to 100; `undefined` when it cannot be known. */
  readonly percent: number | undefined
  /** `49 of 110 files · 280 of 612 MB · 45 MB/s · 7 s left`. */
  readonly text: string
}

/** Makes the line of one host. */
export function hostLine(
  known: Host,
  {
    install,
    attention,
    now,
  }: { readonly install: Install | undefined; readonly attention: Attention; readonly now: number },
): HostLine {
  const { host } = expire({ host: known, events: [] }, now)
  const running = runningInstall(host, install)
  const seenAt = Math.max(host.seenAt ?? 0, running?.progress.heardAt ?? 0) || undefined
  return {
    id: host.id,
    name: host.hostname ?? `host ${host.id}`,
    known: [host.macs[0], host.serial].filter(Boolean).join(' · '),
    state: host.state,
    isProtected: host.protected,
    plan: planText(host, now),
    level: attention.level,
    why: sentenceOf(attention.wrong, host),
    todo: attention.todo,
    progress: running && progressView(running.progress, now),
    seen: agoText(seenAt, now),
    seenAt: seenAt === undefined ? '' : new Date(seenAt).toISOString(),
  }
}

/** A sentence; the name of an image at its beginning stays as it is. */
function sentenceOf(text: string, { plan }: Host): string {
  const isName = plan.images.some((name) => text.startsWith(name))
  return `${isName ? text : text.charAt(0).toUpperCase() + text.slice(1)}.`
}

/** The install that a host is in, if the server has heard of it in that. */
export function runningInstall(host: Host, install: Install | undefined): Install | undefined {
  const isRunning = host.state === 'installing' && install?.boot === host.progress
  return isRunning && install.image === host.plan.images[0] ? install : undefined
}

function planText(host: Host, now: number): string {
  const plan = formatPlan(host.plan)
  if (host.state !== 'assigned' || host.expiresAt === undefined) return plan
  return `${plan} (void in ${spanText(host.expiresAt - now)})`
}

/** Says how far an install is, for a bar and for the words below it. */
function progressView(progress: InstallProgress, now: number): ProgressView {
  const { done, total, stage } = progress
  const rate = rateOf(progress)
  const left = total === undefined || rate === undefined ? undefined : (1000 * (total.bytes - done.bytes)) / rate
  const files = total === undefined ? count(done.files, 'file') : `${done.files} of ${count(total.files, 'file')}`
  const bytes = total === undefined ? roughSizeText(done.bytes) : partText(done.bytes, total.bytes)
  const hasFiles = done.files > 0 || done.bytes > 0
  const isRunning = isFetching(progress, now)
  const parts = [
    ...(hasFiles ? [files, bytes] : []),
    ...(rate === undefined || !isRunning ? [] : [`${roughSizeText(rate)}/s`]),
    ...(left === undefined || left <= 0 || !isRunning ? [] : [`${spanText(left)} left`]),
    ...(hasFiles ? [] : [`since ${spanText(now - progress.since)}`]),
  ]
  return { stage: stage ?? 'files', percent: percentOf(progress), text: parts.join(' · ') }
}

/** A rate is told as long as something comes. */
const STILL_MS = 10_000

function isFetching({ heardAt }: InstallProgress, now: number): boolean {
  return now - heardAt < STILL_MS
}
