import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { ProvisionError } from '../core/errors.ts'
import { errorCode } from './file-errors.ts'

/** The Debian packages of the programs that an import may need. */
const PACKAGE_OF = { xz: 'xz-utils' } as const

/** A program to run as a filter. */
export interface Program {
  readonly name: keyof typeof PACKAGE_OF
  readonly args: readonly string[]
  /** What it works on, for messages. */
  readonly subject: string
}

/**
 * Runs a program and gives what it writes, as it writes it; it is stopped when nobody reads on.
 * @throws {ProvisionError} unavailable, when it is not installed; invalid, when it does not end well: then its input was bad
 */
export async function* runProgram(
  program: Program,
  input: AsyncIterable<Buffer> | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  signal.throwIfAborted()
  const child = spawn(program.name, program.args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const started = once(child, 'spawn').catch((error: unknown) => {
    throw notStarted(program, error)
  })
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop)
  try {
    await started
    yield* filtered(child, program, input)
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

async function* filtered(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  program: Program,
  input: AsyncIterable<Buffer> | undefined,
): AsyncGenerator<Buffer> {
  const closed = once(child, 'close')
  const complaint = text(child.stderr)
  const fed = feed(input, child.stdin)
  yield* child.stdout
  const [code] = await closed
  const error = await fed
  // A filter that gives up closes its input: then what it says is the cause, not that nobody listened.
  if (error !== undefined && errorCode(error) !== 'EPIPE') throw error
  if (code === 0) return
  const [line = `ended with ${code}`] = (await complaint).trim().split('\n').slice(-1)
  throw new ProvisionError('invalid', `${program.subject} is damaged or cut off (${line.slice(0, 200)})`)
}

/** Never rejects: the reader of the output is the one who tells. */
async function feed(input: AsyncIterable<Buffer> | undefined, stdin: Writable): Promise<unknown> {
  try {
    await pipeline(input ?? [], stdin)
    return undefined
  } catch (error) {
    return error
  }
}

function notStarted({ name, subject }: Program, error: unknown): unknown {
  if (errorCode(error) !== 'ENOENT') return error
  const message = `${subject} needs the program ${name}, which is missing (Debian: apt-get install ${PACKAGE_OF[name]})`
  return new ProvisionError('unavailable', message, { cause: error })
}
