import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'

/*
 * iPXE's shell, as core/exec.c and image/script.c read it, in Debian's build of 2019 and in today's:
 *
 * - A line is split at blanks into tokens. There are no quotes and no escapes: nothing can make `||` a text again.
 * - The tokens `||`, `&&` and `;` end a command, a token that starts with `#` ends the line. They count only as whole tokens.
 * - `${name}` is replaced by a setting, innermost first, and the result is looked through again. The oldest builds do this before
 *   the split, newer ones after it, token by token: what is written must be safe in either order.
 * - Newer builds join a line that ends with a backslash to the next one.
 * - A command's options end at its first word without a leading dash.
 *
 * So a value cannot be quoted there; it can be refused, or written so that it reads nearly the same and does nothing.
 */

const LONGEST_TEXT = 300

/** Linux cuts a longer command line off without a word (COMMAND_LINE_SIZE on x86 and arm64, with its final NUL). */
export const LONGEST_COMMAND_LINE = 2047

/** Settings whose values have a fixed, harmless alphabet, whoever answers DHCP: addresses, and anything printed as hex digits. */
const SAFE_SETTING =
  /\$\{(?:(?:net[0-7X]\/)?(?:mac(?::hexhyp|:hexraw)?|ip|netmask|gateway|dns|next-server|dhcp-server)|uuid|platform|buildarch|(?:net[0-7X]\/)?[a-z][a-z-]*:(?:hexraw|hexhyp))\}/g

/** Texts, and words, in which nothing can act, as nearly all are: they need none of the looks below. */
const HARMLESS = /^[\w.,:/()+][\w.,:/()+ -]*$/
const HARMLESS_WORD = /^[\w.,:/()+=][\w.,:/()+=-]*$/

/**
 * Writes a text for people (`echo`, `prompt`): on one line, at most so long, and nothing in it acts. What would act is broken up:
 * `${` becomes `$ {`, and a token that iPXE knows gets an apostrophe in front.
 */
export function ipxeText(value: string | number, longest = LONGEST_TEXT): string {
  const text = String(value)
  if (text.length <= longest && HARMLESS.test(text)) return text
  const line = text.replace(/[^\x20-\x7e]/g, '?')
  const short = line.length > longest ? `${line.slice(0, longest - 3)}...` : line
  return (
    short
      .replaceAll('${', '$ {')
      .replace(/^ *-|(?<![^ ])(?:#|[|&;]+(?![^ ]))/g, "'$&")
      // A blank behind the last character, lest it act together with what the template has next.
      .replace(/[\\$]$/, '$& ')
  )
}

/**
 * Writes one word: an argument, a part of an URL.
 * @throws {ProvisionError} invalid, when iPXE would read it as anything but one plain word
 */
export function ipxeWord(value: string | number): string {
  const word = String(value)
  if (HARMLESS_WORD.test(word)) return word
  if (word === '') throw new ProvisionError('invalid', 'an empty text is no word')
  refuseUnless(!/[^\x21-\x7e]/.test(word), word, 'has blanks or control characters')
  refuseUnless(!word.includes('${'), word, 'would be replaced by an iPXE setting')
  refuseUnless(!/^[-#]|^[|&;]+$|[\\$]$/.test(word), word, 'means something to the iPXE shell')
  return word
}

/**
 * Writes words of a kernel command line. Of iPXE's settings only those pass whose values cannot hurt: `${net0/mac:hexhyp}`, `${uuid}`.
 * @throws {ProvisionError} invalid, for what the iPXE shell would act upon and for more than Linux reads
 */
export function ipxeOptions(options: readonly string[]): string {
  const words = options.flatMap((option) => option.split(' ')).filter((word) => word !== '')
  for (const word of words) {
    if (HARMLESS_WORD.test(word)) continue
    refuseUnless(!/[^\x21-\x7e]/.test(word), word, 'has control characters or other than ASCII')
    refuseUnless(!word.replace(SAFE_SETTING, '').includes('${'), word, 'would be replaced by an iPXE setting')
    refuseUnless(!/^#|^[|&;]+$|[\\$]$/.test(word), word, 'means something to the iPXE shell')
  }
  const line = words.join(' ')
  if (line.length > LONGEST_COMMAND_LINE) {
    throw new ProvisionError(
      'invalid',
      `the kernel command line has ${line.length} characters; Linux reads ${LONGEST_COMMAND_LINE}`,
    )
  }
  return line
}

/**
 * Writes a text as one word of a POSIX shell.
 * @throws {ProvisionError} invalid, for a NUL, which no shell can hold
 */
export function shellQuote(value: string | number): string {
  const text = String(value)
  refuseUnless(!text.includes('\0'), text, 'holds a NUL')
  return isPlainWord(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * Writes one argument of a kickstart command, whose lines the ESXi installer splits as Python's shlex does.
 * @throws {ProvisionError} invalid, for an empty text, control characters and other than ASCII
 */
export function kickstartWord(value: string | number): string {
  const word = String(value)
  if (word === '') throw new ProvisionError('invalid', 'an empty text is no argument')
  refuseUnless(!/[^\x20-\x7e]/.test(word), word, 'has control characters or other than ASCII')
  return /^[A-Za-z0-9_.,:/@+$=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** Whether a text is one and the same word to any shell, inside quotes and outside. */
export function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9_.,:/@%+][A-Za-z0-9_.,:/@%+=-]*$/.test(text)
}

function refuseUnless(isFine: boolean, text: string, why: string): void {
  if (!isFine) throw new ProvisionError('invalid', `${quoted(text)} ${why}`)
}
