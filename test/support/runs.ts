/** How often a property is tried: so often, and a fifth of it in the quick suite (`METALSPRAY_FUZZ=quick`). */
export function runs(all: number): number {
  return process.env['METALSPRAY_FUZZ'] === 'quick' ? Math.ceil(all / 5) : all
}
