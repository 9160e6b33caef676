import { once } from 'node:events'
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import pc from 'picocolors'
import { ProvisionError } from '../core/errors.ts'
import { askSecrets } from './ask-secrets.ts'

/** The outside of the program as a subcommand sees it: texts, questions, the clock, the environment. */
export interface Terminal {
  /** Prints the answer: standard output. */
  out(text: string): void
  /**
   * Prints a file to standard output as it is.
   * @throws {ProvisionError} conflict, when it is no text and standard output is a terminal
   */
  write(content: string | Buffer): void
  /** Talks beside the answer: standard error. */
  say(text: string): void
  /** Whether a person is there to see the answer move. */
  readonly isLive: boolean
  readonly colors: ReturnType<typeof pc.createColors>
  /** In ms since 1970. */
  now(): number
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** The operating system's user who runs the program. */
  readonly user: string
  /** Asks a yes-or-no question; `undefined` when nobody can answer. */
  confirm(question: string): Promise<boolean | undefined>
  /** Asks for texts without showing them, as {@link askSecrets}; `undefined` when nobody can answer. */
  askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined>
  readInput(): Promise<string>
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process
  // `metalspray … | head` closes the pipe early: what is left is not wanted, and the work behind it still is.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  dropEmptyVariables(env)
  return {
    out: (text) => void stdout.write(`${text}\n`),
    write: (content) => {
      if (typeof content !== 'string' && stdout.isTTY === true) {
        throw new ProvisionError('conflict', 'it is no text for a terminal; send it to a file (… > FILE) or a program')
      }
      stdout.write(content)
    },
    say: (text) => void stderr.write(`${text}\n`),
    isLive: stderr.isTTY === true,
    colors: pc.createColors(wantsColor(stdout.isTTY === true, env)),
    now: Date.now,
    env,
    cwd: process.cwd(),
    user: userOf(env),
    confirm: async (question) => {
      if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined
      using prompt = createInterface({ input: stdin, output: stderr })
      // Ctrl-C and Ctrl-D leave a question without an answer; that is no.
      const left = once(prompt, 'close').then(() => '')
      prompt.on('SIGINT', () => prompt.close())
      return /^y(es)?$/i.test((await Promise.race([prompt.question(`${question} [y/N] `), left])).trim())
    },
    askSecrets: (questions) => askSecrets({ input: stdin, output: stderr }, questions),
    readInput: async () => {
      let text = ''
      stdin.setEncoding('utf8')
      for await (const chunk of stdin) text += chunk
      return text
    },
  }
}

/** A compose file passes a variable on as an empty text when nobody has set it. commander would take that for a value. */
function dropEmptyVariables(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('METALSPRAY_') && value === '') delete env[name]
}

/** Who does what this program does, as events name him. */
export function actorOf({ user }: Pick<Terminal, 'user'>): string {
  return `cli ${user}`
}

/** Who came by `sudo` is told, too: `root` alone says nothing. */
function userOf(env: NodeJS.ProcessEnv): string {
  const name = nameOfUser()
  const asker = env['SUDO_USER'] ?? ''
  return name === 'root' && asker !== '' && asker !== 'root' ? `${asker} (sudo)` : name
}

/** A container may run as a user that has no name. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}

function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  return Boolean(env['FORCE_COLOR']) || (isTerminal && env['TERM'] !== 'dumb')
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
