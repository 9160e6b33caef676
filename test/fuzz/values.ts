import fc, { type Arbitrary } from 'fast-check'

/** Texts that have broken programs before. */
const NASTY = [
  ...[
    '',
    ' ',
    '%',
    '%zz',
    '%00',
    '%0a',
    '%0d%0aX:1',
    '%ff%fe',
    '%c0%ae%c0%ae',
    '%ed%a0%80',
    '%2e%2e%2f',
    '..%5c',
    '%25',
  ],
  ...[
    '../../../etc/passwd',
    '....//',
    '.',
    '..',
    '/',
    '//',
    '\\',
    '~',
    '*',
    '-1',
    '0',
    '1e9',
    'NaN',
    'null',
    'undefined',
  ],
  ...[
    'true',
    '[]',
    '{}',
    '"',
    "'",
    '<script>',
    `\${net0/mac}`,
    `\${shell}`,
    '||shell',
    '&&',
    '#!ipxe',
    '@bootid@',
    '<%= it %>',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '🦊',
    'ﷺ',
    'ı',
    'İ',
    '\u202e',
    'A'.repeat(300),
    '9'.repeat(40),
  ],
]

const nasty = fc.constantFrom(...NASTY)

/** Any text, encoded as a client should or as none should. */
export const value: Arbitrary<string> = fc.oneof(
  nasty,
  nasty.map(encodeURIComponent),
  fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.string(),
)

export const name: Arbitrary<string> = fc.oneof(
  fc.constantFrom('id', 'bootid', 'net0', 'net7', 'netmask', 'serial', 'uuid', 'v', 'mac', 'stage', 'errno', 'text'),
  fc.constantFrom('platform', 'arch', 'mfr', 'prod', 'ipxe', 'try', 'reason', 'dhcp_mac', 'metadata', 'ip'),
  value,
)

export const query: Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(name, value).map((pair) => pair.join('=')) },
      { weight: 1, arbitrary: value },
    ),
    {
      maxLength: 8,
    },
  )
  .map((pairs) => pairs.join('&'))

/** What may stand in a header. */
export function printable(maxLength: number): Arbitrary<string> {
  return fc.stringMatching(new RegExp(`^[ -~]{0,${maxLength}}$`))
}
