import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 500

/** Asks again and again until there is an answer. @throws {Error} after `ceilingMs`, naming what was waited for */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, ceilingMs: number): Promise<T> {
  const end = performance.now() + ceilingMs
  while (performance.now() < end) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await pause(PAUSE_MS)
  }
  throw new Error(`nothing after ${ceilingMs / 1000} s while waiting for: ${what}`)
}
