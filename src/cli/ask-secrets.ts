import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Stopped } from './stop-signal.ts'

interface Keyboard {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/**
 * Asks for texts that are not shown while they are typed, one after the other.
 * @returns `undefined` when nobody is there to answer
 * @throws {Stopped} at Ctrl-C, and at Ctrl-D on an empty line
 */
export async function askSecrets(
  { input, output }: Keyboard,
  questions: readonly string[],
): Promise<readonly string[] | undefined> {
  if (input.isTTY !== true || output.isTTY !== true) return undefined
  // The terminal is read key by key, so that it shows nothing itself, and what the line editor would draw goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  using lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const answers: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
  const next = () => {
    const question = questions[answers.length]
    if (question === undefined) resolve(answers)
    else output.write(question)
  }
  lines.on('line', (line) => {
    output.write('\n')
    answers.push(line)
    next()
  })
  lines.on('SIGINT', () => lines.close())
  lines.on('close', () => {
    if (answers.length >= questions.length) return
    output.write('\n')
    reject(new Stopped('SIGINT'))
  })
  next()
  // Awaited here, since the line editor is gone when this function is left.
  return await promise
}
