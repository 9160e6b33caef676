/**
 * What iPXE's shell makes of a script, as far as quoting goes: a small model of image/script.c and core/exec.c, in both orders in
 * which its builds expand settings and split lines.
 */
export interface Order {
  /** Settings are expanded before the line is split into tokens (the oldest builds), or token by token afterwards. */
  readonly expandFirst: boolean
}

/** A command as it would be executed: its words. */
export type Command = readonly string[]

/** Stands where a setting was expanded. */
export const EXPANDED = '\u0001'

/** The commands of a script, in order, whatever their status would be. */
export function commandsOf(script: string, order: Order): readonly Command[] {
  return joinLines(script).flatMap((line) => commandsOfLine(line, order))
}

function commandsOfLine(line: string, { expandFirst }: Order): readonly Command[] {
  const tokens = split(expandFirst ? expand(line) : line)
  const comment = tokens.findIndex((token) => token.startsWith('#'))
  const commands: string[][] = [[]]
  for (const token of comment < 0 ? tokens : tokens.slice(0, comment)) {
    if (['||', '&&', ';'].includes(token)) commands.push([])
    else commands.at(-1)?.push(expandFirst ? token : expand(token))
  }
  return commands.filter((command) => command.length > 0)
}

/** Lines end at a newline; a carriage return before it goes away; a backslash at the end joins the next line. */
function joinLines(script: string): readonly string[] {
  return script
    .replace(/\r(?=\n|$)/g, '')
    .replace(/\\\n/g, '')
    .split(/[\n\0]/)
}

function split(line: string): readonly string[] {
  return line.split(/[ \t\v\f\r]+/).filter((token) => token !== '')
}

/** Innermost first, and what comes out is looked through again. */
function expand(text: string): string {
  const match = /\$\{((?:(?!\$\{)[^}])*)\}/.exec(text)
  if (match === null) return text
  return expand(`${text.slice(0, match.index)}${EXPANDED}${text.slice(match.index + match[0].length)}`)
}
