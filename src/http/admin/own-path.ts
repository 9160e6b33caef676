const DOOR = 'http://door'

/** The address below this door that a text is, to lead somebody to; the first page for any other: nobody is led elsewhere from here. */
export function ownPath(text: string): string {
  if (!text.startsWith('/') || !URL.canParse(text, DOOR)) return '/'
  const { origin, pathname, search } = new URL(text, DOOR)
  // `/.//elsewhere` is a path here, and another server where it is read again.
  return origin === DOOR && !pathname.startsWith('//') ? pathname + search : '/'
}
