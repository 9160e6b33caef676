import { stripVTControlCharacters } from 'node:util'
import ms from 'ms'

/** How long ago, for a column of a table: `2m ago`. Sentences have `agoText`. */
export function ago(then: number | undefined, now: number): string {
  if (then === undefined) return 'never'
  return now - then < 1000 ? 'just now' : `${ms(now - then)} ago`
}

/** A text that a machine or a file brought, as it may go to a terminal: its control characters are seen, not obeyed. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escaped)
}

/** JSON for other programs, safe to look at in a terminal too. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped)
}

/** JSON on one line, safe to look at in a terminal too. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Lays cells out in columns without lines around them; the first line is the head. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const table = [head, ...rows]
  const widths = head.map((_, column) => table.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), 0))
  return table.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join('  ')
      .trimEnd(),
  )
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length
}

/** Makes a function that does nothing with what it was given before. */
export function once(then: (text: string) => void): (text: string) => void {
  const seen = new Set<string>()
  return (text) => {
    if (!seen.has(text)) then(text)
    seen.add(text)
  }
}
