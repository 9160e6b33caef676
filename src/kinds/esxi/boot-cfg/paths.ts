/** Whether mboot takes a name as it is, without `prefix=` in front of it. */
export function isAbsolute(path: string): boolean {
  return /^[/\\]/.test(path) || path.includes('://')
}

/** What mboot asks for when boot.cfg names a file. */
export function resolvePath(prefix: string, path: string): string {
  return clean(prefix === '' || isAbsolute(path) ? path : `${prefix}/${path}`)
}

/** The directory of boot.cfg, which is the prefix of a file without one: cut at the last slash, be it in a query. */
export function directoryOf(bootCfg: string): string {
  return bootCfg.slice(0, Math.max(0, bootCfg.lastIndexOf('/')))
}

/** No blanks, no backslashes, and no two slashes in a row but those of the first `://`. */
function clean(path: string): string {
  const plain = path.replace(/[ \t\v\f\r\n]+/g, '').replaceAll('\\', '/')
  const scheme = plain.indexOf('://')
  const single = (text: string) => text.replace(/\/{2,}/g, '/')
  return scheme < 0 ? single(plain) : `${single(plain.slice(0, scheme))}://${single(plain.slice(scheme + 3))}`
}
