import { splitWords } from './words.ts'

/** A line of the command section, split as the installer does. */
export interface Command {
  /** Counted from 1. */
  readonly line: number
  readonly name: string
  /** What follows the name; empty when the line cannot be split. */
  readonly words: readonly string[]
  /** Whether its quotes are closed. */
  readonly isWhole: boolean
}

/** A section of a script: everything down to the next line that begins with one of the {@link SECTION_STARTS}. */
export interface Script {
  readonly line: number
  readonly name: string
  readonly words: readonly string[]
  readonly isWhole: boolean
  /** Each of its lines ends with a newline. */
  readonly body: string
}

/** A kickstart as the installer reads it. */
export interface Kickstart {
  readonly commands: readonly Command[]
  readonly scripts: readonly Script[]
}

/** Begins a section of a script, wherever a line begins so: inside of here-documents and of Python texts as well. */
const SCRIPT_STARTS = ['%pre', '%post', '%firstboot', '%packages', '%vmlicense_text'] as const

/** What ends a section of a script. An include does, too, and commands go on behind it. */
const SECTION_STARTS = [...SCRIPT_STARTS, '%include', 'include'] as const

/** The section that a line begins or ends when it stands in a script. */
export function sectionStart(line: string): string | undefined {
  return SECTION_STARTS.find((start) => line.startsWith(start))
}

/**
 * Reads a kickstart by the installer's rules: lines end with LF or CRLF, commands come first, `#` begins a comment line.
 * What is wrong with it, `checkKickstart` tells.
 */
export function parseKickstart(text: string): Kickstart {
  const commands: Command[] = []
  const scripts: (Script & { body: string })[] = []
  let open: (Script & { body: string }) | undefined
  for (const [index, line] of linesOf(text).entries()) {
    const start = sectionStart(line)
    if (start === undefined && open !== undefined) {
      open.body += `${line}\n`
      continue
    }
    const command = readCommand(line, index + 1)
    const isScript = start !== undefined && SCRIPT_STARTS.some((known) => known === start)
    open = isScript && command !== undefined ? { ...command, body: '' } : undefined
    if (open !== undefined) scripts.push(open)
    else if (command !== undefined) commands.push(command)
  }
  return { commands, scripts }
}

/** The lines of a file, without what ends them. */
export function linesOf(text: string): readonly string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function readCommand(line: string, number: number): Command | undefined {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return undefined
  const words = splitWords(text)
  const [name = '', ...rest] = words ?? text.split(/\s+/).slice(0, 1)
  return { line: number, name, words: rest, isWhole: words !== undefined }
}
