/** What a program says in a message of the syslog protocol. */
export interface SyslogMessage {
  /** 0 is an emergency, 7 for debugging; `undefined` when the message does not say. */
  readonly severity: number | undefined
  /** The program that speaks. */
  readonly app: string | undefined
  /** One line, without control characters. */
  readonly text: string
}

/** Of a message so many characters are kept. */
const LONGEST_TEXT = 1000
const LONGEST_APP = 48

const PRIORITY = /^<(\d{1,3})>/
/** RFC 5424: version, time, host, program, process, message id, structured data. Every part of the last begins in its own way. */
const MODERN =
  /^1 \S{1,64} \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: |$)/s
/** RFC 3164, or the time as ESXi writes it; then who sends it. */
const DATED =
  /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:?\d\d)?) (?:(\S{1,255}) )?/
const TAG = /^([\w./()-]{1,48})(?:\[[^\]]{0,32}\])?: ?/

/**
 * Reads a message of RFC 5424 or RFC 3164, or what is near to one: iPXE sends `<29>ipxe: text` without a time, ESXi
 * `<166>2026-11-21T10:31:07.110Z esx1 Hostd: text`. Whatever cannot be read is text. When a machine says that it is, and who, is left out: it
 * may not know.
 */
export function parseSyslog(bytes: Buffer): SyslogMessage {
  const whole = bytes.toString('utf8')
  const [prefix = '', number = ''] = PRIORITY.exec(whole) ?? []
  const isPriority = prefix !== '' && Number(number) < 192
  const severity = isPriority ? Number(number) % 8 : undefined
  const rest = isPriority ? whole.slice(prefix.length) : whole
  const modern = MODERN.exec(rest)
  if (modern !== null) {
    const [head, app = '-'] = modern
    const text = rest.slice(head.length).replace(/^\uFEFF/, '')
    return { severity, app: app === '-' ? undefined : clean(app, LONGEST_APP), text: clean(text, LONGEST_TEXT) }
  }
  const [app, text] = tagged(rest)
  return { severity, app, text: clean(text, LONGEST_TEXT) }
}

/** The program that a message of the older kind names, and the text behind that. */
function tagged(rest: string): [app: string | undefined, text: string] {
  const dated = DATED.exec(rest)
  const body = dated === null ? rest : rest.slice(dated[0].length)
  const tag = TAG.exec(body)
  if (tag !== null) return [tag[1], body.slice(tag[0].length)]
  // What was taken for who sends it may be the program; without a time there may be a name before the program.
  const early = dated === null ? undefined : TAG.exec(`${dated[1] ?? ''} `)
  if (early != null) return [early[1], body]
  const named = dated === null ? /^[\w.-]{1,255} (?=[\w./()-]{1,48}(?:\[[^\]]{0,32}\])?: )/.exec(body) : null
  if (named === null) return [undefined, body]
  const behind = body.slice(named[0].length)
  const late = TAG.exec(behind)
  return late === null ? [undefined, body] : [late[1], behind.slice(late[0].length)]
}

/** A text as one line that may go to a terminal: control characters are seen, not obeyed. */
function clean(text: string, longest: number): string {
  const line = text
    .replace(/[\r\n\0\s]+$/, '')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped)
  return line.length <= longest ? line : `${line.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
