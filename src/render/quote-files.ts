import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'

/**
 * Writes a text as the rest of a line of a preseed file, which debconf takes as it is; only a backslash at its end would join the next line.
 * @throws {ProvisionError} invalid, for several lines, control characters and a backslash at the end
 */
export function onePreseedLine(value: string | number): string {
  const line = String(value)
  const isOne = !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\\\s*$/.test(line)
  if (isOne) return line
  throw new ProvisionError('invalid', `${quoted(line)} is no line of a preseed file`)
}

/**
 * Writes a text as content of an XML element or between the quotes of an attribute.
 * @throws {ProvisionError} invalid, for characters that XML 1.0 cannot hold (§2.2)
 */
export function xmlText(value: string | number): string {
  const text = String(value)
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) {
    throw new ProvisionError('invalid', `${quoted(text)} holds what XML cannot`)
  }
  return text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * Writes a text as content of an HTML element or between the quotes of an attribute. Control characters, which HTML has no way to write, are shown
 * as their pictures (Unicode, Control Pictures); tabs and ends of lines stay.
 */
export function htmlText(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u2028\u2029\ud800-\udfff]/gu, '\ufffd')
}

/**
 * Writes any value of JSON on one line: YAML takes it as it is, but for characters that it does not hold bare (YAML 1.1, §5.1).
 * @throws {ProvisionError} invalid, for what JSON does not know
 */
export function asJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new ProvisionError('invalid', 'what json(...) is given is no value of JSON')
  return text.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
