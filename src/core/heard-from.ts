import type { HostId } from './host.ts'

/** Who was heard last from an address: a host, and the boot that it was in. */
export interface Heard {
  readonly host: HostId
  readonly boot: number | undefined
}

/** So many addresses are remembered; those that were not heard for longest are forgotten first. */
const MOST = 50_000

/**
 * Which host uses an address: the one that was last heard from it. An address proves nothing, so this is for telling people only, never for
 * a decision.
 */
export class HeardFrom {
  readonly #addresses = new Map<string, Heard>()

  note(address: string, heard: Heard): void {
    const key = plain(address)
    this.#addresses.delete(key)
    this.#addresses.set(key, heard)
    const [oldest] = this.#addresses.keys()
    if (this.#addresses.size > MOST && oldest !== undefined) this.#addresses.delete(oldest)
  }

  at(address: string): Heard | undefined {
    return this.#addresses.get(plain(address))
  }
}

/** An IPv4 address as such, also where it came through a socket for both. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
