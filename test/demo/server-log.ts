/** What a line of the server's log says to a person: its message, without the fields for programs. */
export function messageOf(line: string): string {
  try {
    const { msg } = JSON.parse(line) as { readonly msg?: unknown }
    return typeof msg === 'string' ? msg : line
  } catch {
    return line
  }
}
