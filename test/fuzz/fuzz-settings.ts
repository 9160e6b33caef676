/** How much is tried, and from which seed. */
export interface FuzzSettings {
  readonly seed: number
  /** Requests without a socket. */
  readonly injected: number
  /** Connections with whatever bytes; most carry several requests. */
  readonly wired: number
}

/**
 * `METALSPRAY_FUZZ=quick` tries a twentieth, `METALSPRAY_FUZZ=1000000` so many requests; `METALSPRAY_FUZZ_SEED` is a number or
 * `random`. Without them every run tries the same 100,000 requests.
 */
export function fuzzSettings(): FuzzSettings {
  const { METALSPRAY_FUZZ: size = '100000', METALSPRAY_FUZZ_SEED: wanted = '20260101' } = process.env
  const requests = size === 'quick' ? 5000 : Number(size)
  const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted)
  if (!Number.isSafeInteger(requests) || requests < 1) throw new Error(`METALSPRAY_FUZZ is ${size}`)
  if (!Number.isSafeInteger(seed)) throw new Error(`METALSPRAY_FUZZ_SEED is ${wanted}`)
  const wired = Math.ceil(requests / 20)
  return { seed, wired, injected: requests }
}
