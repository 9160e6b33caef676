/** Of a longer text nobody has the same. */
const LONGEST = 300
const MOST = 500

/**
 * Makes a thing of a text once for all who come with that text, as many machines of one maker do. What it makes is shared: nobody may
 * write into it.
 */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const made = make(text)
    if (text.length <= LONGEST) {
      if (known.size >= MOST) known.clear()
      known.set(text, made)
    }
    return made
  }
}
