import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { hostFields, type LegacySubject, type LegacyValues, legacyValues } from './legacy-values.ts'
import { ipxeText, isPlainWord, shellQuote } from './quote.ts'
import { ShellContext, type ShellPlace } from './shell-context.ts'
import { TemplateError } from './template-error.ts'
import type { TemplateSource } from './template-files.ts'

/** More than any kernel command line takes, so that nothing useful is cut off. */
const LONGEST_VALUE = 2000
const LONGEST_SHOWN = 300

/**
 * Renders one of KIWIspray's `host.tmpl` as an iPXE script. A value is put in once and never looked at again, and written so
 * that iPXE cannot act upon it. Placeholders that mean nothing stay as they are, as in KIWIspray.
 */
export function renderLegacyScript(source: TemplateSource, subject: LegacySubject): string {
  const lines = hostFields(subject).map(([name, value]) => `echo * ${name}: "${ipxeText(value, LONGEST_SHOWN)}"`)
  const pieces = split(source.text, new Map([...legacyValues(subject), ['HOST_DATA', '']]))
  return pieces.map((piece) => printIpxe(piece, lines.join('\n'))).join('')
}

function printIpxe(piece: Piece, hostData: string): string {
  if (piece.name === undefined) return piece.text
  return piece.name === 'HOST_DATA' ? hostData : ipxeText(piece.text, LONGEST_VALUE)
}

/**
 * Renders one of KIWIspray's `post_install.tmpl` as a shell script, writing each value as its place wants it.
 * @throws {TemplateError} when a value holds what a shell reads and its place is not clear
 */
export function renderLegacyShell(source: TemplateSource, subject: LegacySubject): string {
  const context = new ShellContext()
  const isShell = /^(?!#!)|^#! *\S*\/(?:env +)?(?:ba|da|a|k|z)?sh\b/.test(source.text)
  let line = 1
  return split(source.text, legacyValues(subject))
    .map((piece) => {
      if (piece.name === undefined) {
        line += piece.text.split('\n').length - 1
        context.feed(piece.text)
        return piece.text
      }
      const place = isShell ? context.place : 'unsure'
      context.skipWord()
      return printShell(piece, place, { file: source.shown, line })
    })
    .join('')
}

/** A piece of a template: text, or the value of a placeholder. */
interface Piece {
  readonly text: string
  readonly name?: string
  /** Of a value that is a list. */
  readonly words?: readonly string[]
}

/** Cuts a template at the placeholders that have a value. */
function split(text: string, values: LegacyValues): readonly Piece[] {
  const pieces: Piece[] = []
  let start = 0
  let at = text.indexOf('@')
  while (at >= 0) {
    const end = text.indexOf('@', at + 1)
    const name = text.slice(at + 1, Math.max(end, at + 1))
    const value = values.get(name)
    if (end < 0) break
    if (value !== undefined) {
      pieces.push({ text: text.slice(start, at) }, pieceOf(name, value))
      start = end + 1
    }
    // The second @ of a name that means nothing may be the first of one that does.
    at = value === undefined ? end : text.indexOf('@', start)
  }
  return [...pieces, { text: text.slice(start) }]
}

function pieceOf(name: string, value: string | readonly string[]): Piece {
  return typeof value === 'string' ? { name, text: value } : { name, text: value.join(' '), words: value }
}

function printShell(piece: Piece, place: ShellPlace, at: { readonly file: string; readonly line: number }): string {
  // Several addresses stand there with blanks, as KIWIspray's users rely on: `for mac in @macs@`. Their alphabet is harmless.
  if (piece.name === 'macs') return piece.text
  try {
    // As `for server in @config.ntp.servers@` has them.
    if (place === 'plain' && piece.words !== undefined) return piece.words.map(QUOTE.plain).join(' ')
    return QUOTE[place](piece.text)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new TemplateError({ ...at, problem: `@${piece.name}@: ${error.message}` }, { cause: error })
  }
}

const QUOTE: { readonly [P in ShellPlace]: (value: string) => string } = {
  plain: (value) => shellQuote(oneLine(value)),
  single: (value) => oneLine(value).replaceAll("'", "'\\''"),
  double: (value) => oneLine(value).replace(/[\\"$`]/g, '\\$&'),
  comment: (value) => value.replace(/[\u0000-\u001f\u007f]/g, '?'),
  unsure: (value) => {
    if (value === '' || isPlainWord(value)) return value
    throw new ProvisionError('invalid', `${quoted(value)} cannot be quoted safely here; put it between single quotes`)
  },
}

/** A second line, however quoted, would be read as commands by a shell that gave up on a mistake in the first. */
function oneLine(value: string): string {
  if (/[\0\n\r]/.test(value)) throw new ProvisionError('invalid', `${quoted(value)} has more than one line`)
  return value
}
