import { readKind } from './kinds.ts'

/** What operators put beside the files that an image was imported with: templates, and what its kind runs besides. */
export function isOwnFile(kind: string, file: string): boolean {
  return /^[^/]+\.(?:eta|tmpl)$/.test(file) || readKind(kind).isOwnFile?.(file) === true
}
