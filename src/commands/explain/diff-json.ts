import type { BootDiff } from './diff-boots.ts'

/** What differs between two boots, as other programs read it. */
export function diffJson({ there, here, settings, files, same }: BootDiff) {
  return {
    there,
    here,
    settings: settings.map((one) => ({ path: one.path, there: one.there ?? null, here: one.here ?? null })),
    files,
    same,
  }
}
