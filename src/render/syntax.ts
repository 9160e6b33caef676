import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'
import { ipxeOptions, ipxeText, ipxeWord, isPlainWord, kickstartWord, shellQuote } from './quote.ts'
import { asJson, htmlText, onePreseedLine, xmlText } from './quote-files.ts'

/** What reads the rendered text: it decides which values may stand in it as they are. */
export type Syntax = 'ipxe' | 'shell' | 'xml' | 'text' | 'html'

/** A text that a quoting helper has already written in the syntax of its file: `<%= %>` prints it as it is. */
export class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** The quoting helpers that templates may call. */
export const HELPERS = {
  ipxeText: (value: unknown) => new Written(ipxeText(scalar(value, 'ipxeText'))),
  ipxeWord: (value: unknown) => new Written(ipxeWord(scalar(value, 'ipxeWord'))),
  ipxeOptions: (value: unknown) =>
    new Written(ipxeOptions([value].flat().map((word) => String(scalar(word, 'ipxeOptions'))))),
  json: (value: unknown) => new Written(asJson(value)),
  ks: (value: unknown) => new Written(kickstartWord(scalar(value, 'ks'))),
  preseed: (value: unknown) => new Written(onePreseedLine(scalar(value, 'preseed'))),
  sh: (value: unknown) => new Written(shellQuote(scalar(value, 'sh'))),
  xml: (value: unknown) => new Written(xmlText(scalar(value, 'xml'))),
} as const

/**
 * Prints what a template puts between `<%=` and `%>`. A value passes as it is only when nothing that reads this syntax could
 * act upon it; anything else has to go through a helper.
 * @throws {ProvisionError} invalid
 */
export function printValue(syntax: Syntax, value: unknown): string {
  if (value instanceof Written) return value.text
  return PRINT[syntax](String(scalar(value)))
}

const PRINT: { readonly [S in Syntax]: (text: string) => string } = {
  ipxe: (text) => (text === '' ? text : advise(() => ipxeWord(text), 'for texts there is ipxeText(...)')),
  shell: (text) => {
    if (text === '' || isPlainWord(text)) return text
    throw new ProvisionError('invalid', `${quoted(text)} needs quoting for the shell; write sh(...)`)
  },
  xml: (text) => {
    if (/^[^&<>"'\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/.test(text)) return text
    throw new ProvisionError('invalid', `${quoted(text)} means something in XML; write xml(...)`)
  },
  // The page's own renderer has no other way to print: what a machine or a person wrote is never more than text.
  html: htmlText,
  text: (text) => {
    if (!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)) return text
    throw new ProvisionError('invalid', `${quoted(text)} holds control characters`)
  },
}

function advise(print: () => string, advice: string): string {
  try {
    return print()
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new ProvisionError(error.kind, `${error.message}; ${advice}`, { cause: error })
  }
}

/** @param helper the name of the helper that was given the value; without it, the message goes behind the value's expression */
function scalar(value: unknown, helper?: string): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (value instanceof Written) return value.text
  const given = helper === undefined ? '' : `what ${helper}(...) is given `
  throw new ProvisionError(
    'invalid',
    `${given}is ${value === null ? 'null' : typeof value}, neither a text nor a number`,
  )
}
