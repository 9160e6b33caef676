/**
 * Where in a shell script the text goes on: between words, inside quotes, in a comment, or somewhere that this reader is not
 * sure about, from which it never comes back.
 */
export type ShellPlace = 'plain' | 'single' | 'double' | 'comment' | 'unsure'

/** What a `$(` or a backquote began, and what to return to. */
interface Frame {
  place: 'plain' | 'single' | 'double' | 'comment'
  /** Whether it is a piece of a word, as `$(…)` is: what follows its end goes on with that word. */
  readonly isInWord: boolean
}

/**
 * Follows the quoting of a POSIX shell script through its text, as far as quotes, comments, backslashes and `$(…)` go. What it
 * does not follow makes it unsure for the rest of the script, which is safe: backquotes, here-documents, `${…}` with words
 * inside, `case` within `$(…)`, arithmetic.
 */
export class ShellContext {
  #stack: Frame[] = [{ place: 'plain', isInWord: false }]
  #unsure = false
  #escaped = false
  #afterDollar = false
  /** Whether the next character starts a word: only there does `#` start a comment. */
  #atWord = true

  /** Where the text goes on. Right behind a backslash or a `$` nobody knows what a value's first character would become. */
  get place(): ShellPlace {
    return this.#unsure || this.#escaped || this.#afterDollar ? 'unsure' : this.#top.place
  }

  /** Reads on. A piece may end anywhere but within the two characters of `$(`, `${` or `<<`. */
  feed(text: string): void {
    for (let at = 0; at < text.length && !this.#unsure; at += this.#step(text, at)) {}
    this.#afterDollar = text === '' ? this.#afterDollar : text.endsWith('$')
  }

  /** Notes that a word goes on here whose text is not known. */
  skipWord(): void {
    this.#atWord = false
    this.#escaped = false
    this.#afterDollar = false
  }

  get #top(): Frame {
    return this.#stack.at(-1) ?? { place: 'plain', isInWord: false }
  }

  /** @returns how many characters were read */
  #step(text: string, at: number): number {
    if (this.#escaped) {
      this.#escaped = false
      this.#atWord = false
      return 1
    }
    const frame = this.#top
    switch (frame.place) {
      case 'single':
        if (text[at] === "'") frame.place = 'plain'
        return 1
      case 'comment':
        return this.#comment(frame, text, at)
      case 'double':
        return this.#double(frame, text, at)
      case 'plain':
        return this.#plain(frame, text, at)
    }
  }

  #comment(frame: Frame, text: string, at: number): number {
    if (text[at] === '\n') {
      frame.place = 'plain'
      this.#atWord = true
    }
    return 1
  }

  #double(frame: Frame, text: string, at: number): number {
    const character = text[at]
    if (character === '"') frame.place = 'plain'
    return this.#common(text, at)
  }

  #plain(frame: Frame, text: string, at: number): number {
    const character = text[at] ?? ''
    if (character === '#' && this.#atWord) {
      frame.place = 'comment'
      return 1
    }
    if (text.startsWith('\\\n', at)) return this.#continued(text, at)
    if (text.startsWith('<<', at) || text.startsWith('((', at)) this.#unsure = true
    const ended = this.#stack.length > 1 ? this.#nested(text, at) : undefined
    if (character === "'") frame.place = 'single'
    if (character === '"') frame.place = 'double'
    this.#atWord = /[\s;&|()<>]/.test(character) && ended?.isInWord !== true
    return this.#common(text, at)
  }

  /** The shell takes a backslash and its newline away, so that what stands around them stands together: `$` and `(`, `<` and `<`. */
  #continued(text: string, at: number): number {
    if (!/\s/.test(text[at - 1] ?? '')) this.#unsure = true
    return 2
  }

  /** Within `$(…)` every parenthesis counts; `case` has closing ones without an opening one. @returns what ended here */
  #nested(text: string, at: number): Frame | undefined {
    if (text.startsWith('case', at)) this.#unsure = true
    if (text[at] === '(') this.#stack.push({ place: 'plain', isInWord: false })
    return text[at] === ')' ? this.#stack.pop() : undefined
  }

  /** What counts between words and inside double quotes alike. */
  #common(text: string, at: number): number {
    const two = text.slice(at, at + 2)
    if (text[at] === '\\') this.#escaped = true
    if (text.startsWith('$\\\n', at)) this.#unsure = true
    if (text[at] === '`' || two === '$[' || text.startsWith('$((', at)) this.#unsure = true
    if (two === "$'" || (two === '${' && !/^\$\{#?[A-Za-z0-9_@*?]+\}/.test(text.slice(at)))) this.#unsure = true
    if (two !== '$(') return 1
    this.#stack.push({ place: 'plain', isInWord: true })
    this.#atWord = true
    return 2
  }
}
