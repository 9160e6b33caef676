import type { Command } from 'commander'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import type { Terminal } from './terminal.ts'

/** A command line that cannot be meant: nothing was tried. */
export class Misuse extends Error {}

/**
 * Reads the settings of a command and collects what is wrong with them, so that all of it is said at once.
 * A setting is called by the name under which it was given: its flag or its variable.
 */
export class SettingsReader {
  readonly #command: Command
  readonly #env: Terminal['env']
  readonly #wrong: string[] = []

  constructor(command: Command, { env }: Pick<Terminal, 'env'>) {
    this.#command = command
    this.#env = env
  }

  /**
   * Reads one setting.
   * @param read gets the text and throws a {@link ProvisionError} whose message goes on the sentence "--port 99999 …"
   */
  read<T>(name: string, read: (text: string) => T): T | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : this.#attempt(name, value, read)
  }

  /** Reads a setting that may be given several times. @param shown what a message may repeat of it */
  list<T>(name: string, read: (text: string) => T, shown: (text: string) => string = (text) => text): T[] {
    const values: readonly string[] = this.#command.getOptionValue(name) ?? []
    return values.flatMap((value) => {
      const one = this.#attempt(name, value, read, shown(value))
      return one === undefined ? [] : [one]
    })
  }

  /** A setting as it was given. */
  text(name: string): string | undefined {
    const value: unknown = this.#command.getOptionValue(name)
    return typeof value === 'string' ? value : undefined
  }

  /** Reads a flag; its variable says yes or no in the usual words. */
  flag(name: string): boolean {
    if (this.#command.getOptionValueSource(name) !== 'env') return this.#command.getOptionValue(name) === true
    const variable = this.called(name)
    const text = this.#env[variable] ?? ''
    if (/^(1|true|yes|on)$/i.test(text)) return true
    if (!/^(0|false|no|off)$/i.test(text)) this.wrong(`${variable} ${plain(text)} is neither yes nor no`)
    return false
  }

  /** Tries to read an argument, whose refusal is a sentence of its own. */
  check(read: () => unknown): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      this.wrong(error.message)
    }
  }

  isGiven(name: string): boolean {
    return this.#command.getOptionValueSource(name) !== 'default' && this.#command.getOptionValue(name) !== undefined
  }

  wrong(sentence: string): void {
    this.#wrong.push(sentence)
  }

  /** @throws {Misuse} naming all that was wrong */
  done(): void {
    const [first, ...more] = this.#wrong
    if (first === undefined) return
    if (more.length === 0) throw new Misuse(first)
    throw new Misuse(`${this.#wrong.length} settings are wrong\n${this.#wrong.map((one) => `  ${one}`).join('\n')}`)
  }

  #attempt<T>(name: string, value: string, read: (text: string) => T, shown = value): T | undefined {
    try {
      return read(value)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      this.wrong(`${this.called(name)} ${plain(shown)} ${error.message}`)
      return undefined
    }
  }

  /** The name under which a setting was given: its flag or its variable. */
  called(name: string): string {
    const option = this.#command.options.find((one) => one.attributeName() === name)
    const isVariable = this.#command.getOptionValueSource(name) === 'env'
    return (isVariable ? option?.envVar : option?.long) ?? name
  }
}

/** A refusal that goes on the sentence "--port 99999 …". */
export function refuse(rest: string): ProvisionError {
  return new ProvisionError('invalid', rest)
}

function plain(value: string): string {
  return /^[\w.,:/@+-]{1,64}$/.test(value) ? value : quoted(value)
}
