import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { MAIN } from './program.ts'

/** A `metalspray` that goes on until it is told to stop. */
export function start(t: TestContext, cwd: string, args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const texts = { stdout: '', stderr: '' }
  let changed = Promise.withResolvers<void>()
  const tell = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      tell()
    })
  }
  child.on('close', tell)
  return {
    child,
    texts,
    until: async (stream: 'stdout' | 'stderr', pattern: RegExp) => {
      while (!pattern.test(texts[stream])) {
        assert.equal(child.exitCode, null, `it has ended: ${texts.stderr}`)
        await changed.promise
      }
    },
    stop: async () => {
      child.kill('SIGINT')
      const [code] = await once(child, 'close')
      return code as number | null
    },
  }
}
