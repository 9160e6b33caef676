import type { InstallWatch } from './commands/watch-installs.ts'
import type { Verdict } from './core/watch/verdict.ts'
import type { Logger } from './log.ts'

/** How often the installs are looked at, in ms. */
export const LOOK_EVERY = 10_000
/** For so long a server has the watch alone when it looks, in ms: another one takes it over when it has not for three times. */
export const LEASE = 3 * LOOK_EVERY

function tell(verdict: Verdict, log: Logger): void {
  const host = verdict.watched.hostId
  if (verdict.kind === 'stalled') log.warn({ host }, `an install has stalled: ${verdict.why}`)
  if (verdict.kind === 'resumed') log.info({ host }, verdict.text)
}

/** Looks after the installs until it is disposed of. */
export function startWatchdog(watch: InstallWatch, log: Logger): AsyncDisposable {
  let running: Promise<void> | undefined
  let trouble = ''
  const look = async () => {
    try {
      for (const verdict of await watch.look()) tell(verdict, log)
      trouble = ''
    } catch (error) {
      // Told once: a full disk is tried again every few seconds.
      const message = error instanceof Error ? error.message : String(error)
      if (message !== trouble) log.warn({ err: error }, 'the installs cannot be watched')
      trouble = message
    }
  }
  const timer = setInterval(() => {
    running ??= look().finally(() => {
      running = undefined
    })
  }, LOOK_EVERY)
  timer.unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}
