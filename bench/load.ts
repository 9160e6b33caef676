import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What one run of the load generator saw. Latencies are in ms. */
export interface Seen {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p99: number
  /** Connections that failed, and answers that did not come in time. */
  readonly failed: number
  readonly not2xx: number
  /** Answers with another beginning than they must have. */
  readonly wrong: number
  readonly bytes: number
}

export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  /** What to ask for in place of the URL's own path. */
  readonly random?: Random
}

export interface Random {
  /** A file of paths, one a line, to be asked for in random order. */
  readonly paths: string
  /** How every answer must begin. */
  readonly beginning: string
}

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url))
let seed = 0

/** Runs wrk: one thread of it is faster than any server here, and leaves the other cores alone. */
export async function putLoad({ url, connections, seconds, random }: Load): Promise<Seen> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT, url, '--']
  const asked = random === undefined ? [] : [random.paths, random.beginning]
  seed += 1
  const { stdout } = await promisify(execFile)('wrk', [...args, `${seed}`, ...asked]).catch(explain)
  // Without a single answer there are no latencies.
  return JSON.parse((stdout.trim().split('\n').at(-1) ?? '').replaceAll(/-?nan/g, '0')) as Seen
}

function explain(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT') throw error
  throw new Error('wrk is missing; install it with: sudo apt-get install --no-install-recommends wrk', { cause: error })
}
