import type { HostId } from '../core/host.ts'

/** Places at first; it doubles when more than half of them are taken. A power of two. */
const FEWEST = 64
/** With this many places it grows no more: 8 MB, for half a million hosts. */
const MOST = 2 ** 20

/**
 * Which host a UUID probably belongs to, in 16 to 32 bytes for each: to find the row of one host among 100,000 by its id takes half the time that
 * an index of texts takes. It may be wrong, since only a hash is kept and others change hosts, too: whoever asks looks at the row.
 */
export class HostIds {
  /** Of each place its hash and its id, side by side: the processor fetches both at once. */
  #places = new Uint32Array(FEWEST * 2)
  #taken = 0

  get(uuid: string): HostId | undefined {
    const place = this.#placeOf(hashOf(uuid))
    return this.#places[place] === 0 ? undefined : this.#places[place + 1]
  }

  set(uuid: string, id: HostId): void {
    this.#put(hashOf(uuid), id)
  }

  #put(hash: number, id: HostId): void {
    const place = this.#placeOf(hash)
    if (this.#places[place] === 0) {
      if (this.#taken * 4 >= this.#places.length) {
        this.#grow(hash, id)
        return
      }
      this.#taken += 1
    }
    this.#places[place] = hash
    this.#places[place + 1] = id
  }

  /** Where a hash is, or would be: the first place from its own on that has it or is free. */
  #placeOf(hash: number): number {
    const places = this.#places
    const mask = places.length - 1
    let place = (hash * 2) & mask
    while (places[place] !== hash && places[place] !== 0) place = (place + 2) & mask
    return place
  }

  #grow(hash: number, id: HostId): void {
    const before = this.#places
    if (before.length >= MOST * 2) return
    this.#places = new Uint32Array(before.length * 2)
    this.#taken = 0
    for (let place = 0; place < before.length; place += 2) {
      const known = before[place] ?? 0
      if (known !== 0) this.#put(known, before[place + 1] ?? 0)
    }
    this.#put(hash, id)
  }
}

/** FNV-1a (32 bits), never 0, which marks a free place. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0 || 1
}
