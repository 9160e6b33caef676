/** The first byte of iPXE's error numbers, in words (ipxe.org/err/2d…). Those that say something to people who have no iPXE at hand. */
const WORDS: { readonly [byte: string]: string } = {
  '0f': 'the connection was broken off',
  '1d': 'the server answered with an error',
  '28': 'there is no way to the server',
  '2d': 'the server does not have that file',
  '2e': 'that is no program for this machine',
  '4c': 'no answer came in time',
}

/** What iPXE calls a program for another machine (ENOEXEC). */
const NO_PROGRAM = '2e'

/** Says in words what iPXE's number of an error means, as far as that helps; it writes `0x2d0c613b`. */
export function describeIpxeError(errno: string): { readonly words: string; readonly isOtherMachine: boolean } {
  const byte = /^(?:0x)?([0-9a-f]{2})[0-9a-f]{6}$/i.exec(errno)?.[1]?.toLowerCase() ?? ''
  return { words: WORDS[byte] ?? '', isOtherMachine: byte === NO_PROGRAM }
}
