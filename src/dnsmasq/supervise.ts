import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { canChangeUser } from './system-user.ts'

/** What happens to dnsmasq, for the log: a server whose DHCP is gone must not look well. */
export type DnsmasqState =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly how: string; readonly againInMs: number }
  /** It cannot work as it is set up, and is not started again. */
  | { readonly kind: 'gave-up'; readonly how: string }
  | { readonly kind: 'stopped' }

/** How dnsmasq is run. */
export interface SuperviseOptions {
  readonly program: string
  readonly configFile: string
  /** Gets every line that dnsmasq says. */
  readonly onLine: (line: string) => void
  readonly onState: (state: DnsmasqState) => void
  readonly signal?: AbortSignal
  /** Any clock in ms. */
  readonly now: () => number
  /** Waits between two starts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** A dnsmasq that is kept running. Disposing of it stops it and waits for its end. */
export interface Supervised extends AsyncDisposable {
  /** Resolves when it runs no more and will not be started again. */
  readonly ended: Promise<void>
  /** Lets it read its hosts and options again. */
  reload(): void
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** Who lived so long was well: the next pause is the first again. */
const HEALTHY_MS = 60_000
const STOP_MS = 5000

/** dnsmasq's exit status for a configuration that it does not understand, and the shell's for a program that is not there. */
const HOPELESS: readonly (number | null)[] = [1, 126, 127]

/**
 * Runs dnsmasq and ends it when we end, however we end. Its standard input is a pipe from us; when that closes, even because
 * we were killed, the script kills it. SIGHUP is for dnsmasq alone, which has a handler for it. (`prctl(PR_SET_PDEATHSIG)` would be forgotten when dnsmasq gives up being root.)
 */
const LEASH = `
trap '' HUP
"$@" </dev/null &
child=$!
exec 3<&0
{ cat <&3 >/dev/null; kill "$child"; sleep ${STOP_MS / 1000}; kill -9 "$child"; } >/dev/null 2>&1 &
watcher=$!
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`

/** Starts dnsmasq, and again with growing pauses whenever it ends. */
export function superviseDnsmasq(options: SuperviseOptions): Supervised {
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal])
  let group: number | undefined
  const onState = (state: DnsmasqState) => {
    group = state.kind === 'started' ? state.pid : undefined
    options.onState(state)
  }
  const ended = keepRunning({ ...options, onState }, signal)
  return {
    ended,
    reload() {
      if (group !== undefined) hangUp(group)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
    },
  }
}

async function keepRunning(options: SuperviseOptions, signal: AbortSignal): Promise<void> {
  const wait = options.wait ?? ((ms: number, until: AbortSignal) => sleep(ms, undefined, { signal: until }))
  let pause = FIRST_PAUSE_MS
  while (!signal.aborted) {
    const startedAt = options.now()
    const { code, how } = await runOnce(options, signal)
    if (signal.aborted) break
    if (HOPELESS.includes(code)) {
      options.onState({ kind: 'gave-up', how })
      return
    }
    if (options.now() - startedAt > HEALTHY_MS) pause = FIRST_PAUSE_MS
    options.onState({ kind: 'ended', how, againInMs: pause })
    await wait(pause, signal).catch(ignoreAbort)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
  options.onState({ kind: 'stopped' })
}

async function runOnce(
  options: SuperviseOptions,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly how: string }> {
  // Without privileges to drop it would insist on dropping them, but for its debug mode, which differs in little else.
  const foreground = process.getuid?.() === 0 && !canChangeUser() ? '--no-daemon' : '--keep-in-foreground'
  const arguments_ = [foreground, '--log-facility=-', '--pid-file', `--conf-file=${options.configFile}`]
  // A process group of its own: Ctrl-C in our terminal is for us, and the group can be killed as a whole.
  const child = spawn('/bin/sh', ['-c', LEASH, 'dnsmasq-leash', options.program, ...arguments_], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {}) // it ended first
  const lines = [child.stdout, child.stderr].map((input) => createInterface({ input }).on('line', options.onLine))
  const stopChild = () => void stopGroup(child)
  signal.addEventListener('abort', stopChild, { once: true })
  if (child.pid !== undefined) options.onState({ kind: 'started', pid: child.pid })
  const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  signal.removeEventListener('abort', stopChild)
  for (const line of lines) line.close()
  return { code, how: killedBy === null ? `it ended with status ${code}` : `it was killed by ${killedBy}` }
}

/** To the whole process group, as dnsmasq's own number is not known to us. */
function hangUp(group: number): void {
  try {
    process.kill(-group, 'SIGHUP')
  } catch {
    // It has just ended, and reads everything when it starts again.
  }
}

/** Lets go of the leash; what does not end by that is killed. */
async function stopGroup(child: ChildProcess): Promise<void> {
  child.stdin?.end()
  const timer = setTimeout(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }, STOP_MS + 2000)
  await once(child, 'exit')
  clearTimeout(timer)
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}
