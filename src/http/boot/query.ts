/**
 * The parameters of a query string in their order, without those that are empty: firmware that does not know something sends nothing for it.
 * Our own boot script sends two dozen, most of them empty, so that a list is found through sooner than an object is made.
 */
export class Query {
  /** How many there are with the empty ones. */
  readonly count: number
  /** Each with its value at the same place of {@link values}. A name may come twice. */
  readonly names: readonly string[]
  readonly values: readonly string[]

  /** @param text what is behind the question mark of an URL, as the WHATWG URL Standard reads a form's */
  constructor(text: string) {
    const names: string[] = []
    const values: string[] = []
    const decode = /[%+]/.test(text) ? decoded : plain
    let count = 0
    for (let start = 0; start < text.length; ) {
      const next = text.indexOf('&', start)
      const end = next === -1 ? text.length : next
      const equals = text.indexOf('=', start)
      count += 1
      if (equals !== -1 && equals < end - 1) {
        names.push(decode(text.slice(start, equals)))
        values.push(decode(text.slice(equals + 1, end)))
      }
      start = end + 1
    }
    this.count = count
    this.names = names
    this.values = values
  }

  /** A value, the last one when the name comes twice, as KIWIspray had it; `undefined` for none and for an empty one. */
  last(name: string): string | undefined {
    const at = this.names.lastIndexOf(name)
    return at === -1 ? undefined : this.values[at]
  }
}

function plain(text: string): string {
  return text
}

function decoded(text: string): string {
  const blanks = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(blanks)
  } catch {
    return blanks // a lone per cent sign is one
  }
}
