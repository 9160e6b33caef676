const isQuick = process.env['METALSPRAY_FUZZ'] === 'quick'

/** How often a property is tried: so often, and a tenth of it in the quick suite (`METALSPRAY_FUZZ=quick`). */
export function runs(all: number): number {
  return isQuick ? Math.ceil(all / 10) : all
}

/** Of cases that differ in little all, and in the quick suite the first of every so many and the last. */
export function someOf<T>(all: readonly T[], every: number): readonly T[] {
  return isQuick ? all.filter((_, n) => n % every === 0 || n === all.length - 1) : all
}
