/** How long a test waits for a machine, in ms. Nothing takes so long, but a shared core can stand still for a while. */
export const CEILING = 8 * 60_000
