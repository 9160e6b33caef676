/**
 * Splits a line as the installer does, with Python's shlex in POSIX mode: blanks part words; single quotes keep everything;
 * double quotes keep everything but `\"` and `\\`; outside of quotes a backslash keeps the next character.
 * @returns `undefined` when a quote is left open or the line ends with a backslash
 */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let at = 0
  while (at < line.length) {
    const piece = pieceAt(line, at)
    if (piece === undefined) return undefined
    at = piece.end
    if (piece.text !== undefined) word = (word ?? '') + piece.text
    else if (word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}

interface Piece {
  /** What it adds to a word; `undefined` for blanks, which end one. */
  readonly text: string | undefined
  readonly end: number
}

function pieceAt(line: string, at: number): Piece | undefined {
  const first = line[at] ?? ''
  if (/\s/.test(first)) return { text: undefined, end: at + 1 }
  if (first === '\\') return at + 1 < line.length ? { text: line[at + 1], end: at + 2 } : undefined
  if (first === "'") {
    const end = line.indexOf("'", at + 1)
    return end < 0 ? undefined : { text: line.slice(at + 1, end), end: end + 1 }
  }
  if (first === '"') {
    const [quotedText] = /^"(?:[^"\\]|\\[\s\S])*"/.exec(line.slice(at)) ?? []
    if (quotedText === undefined) return undefined
    return { text: quotedText.slice(1, -1).replace(/\\(["\\])/g, '$1'), end: at + quotedText.length }
  }
  return { text: first, end: at + 1 }
}
