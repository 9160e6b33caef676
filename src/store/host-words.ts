import type { Database } from 'better-sqlite3'
import type { Host, HostId } from '../core/host.ts'

/** What a host is looked for by, in one text. */
type Findable = Pick<Host, 'hostname' | 'macs' | 'serial' | 'uuid' | 'address'>

/** The statements over the words by which people look for hosts: parts of names, addresses, serials and UUIDs. */
export function openHostWords(db: Database) {
  const insert = db.prepare<[number, string]>('INSERT INTO host_words (rowid, words) VALUES (?, ?)')
  const remove = db.prepare<[number]>('DELETE FROM host_words WHERE rowid = ?')
  return {
    add: (host: Findable & { readonly id: HostId }): void => void insert.run(host.id, wordsOf(host)),

    /** Writes what differs: most changes of a host are about other things. */
    change(before: Findable, after: Host): void {
      const words = wordsOf(after)
      if (words === wordsOf(before)) return
      remove.run(after.id)
      insert.run(after.id, words)
    },

    remove: (id: HostId): void => void remove.run(id),
  }
}

/** The step of the migrations that makes the table writes the same for hosts that are there already. */
function wordsOf({ hostname, serial, uuid, address, macs }: Findable): string {
  return [hostname ?? '', serial ?? '', uuid ?? '', address ?? '', ...macs].join(' ').toLowerCase()
}

/** Trigrams find nothing shorter. */
const SHORTEST = 3

/**
 * What finds the hosts that a person looks for.
 * @returns an expression that finds them by the index, or a piece of text that has to be looked for in all words
 */
export function readSearch(text: string): { readonly match: string } | { readonly piece: string } {
  const wanted = spellMac(text.trim().toLowerCase())
  if ([...wanted].length < SHORTEST) return { piece: wanted }
  return { match: `"${wanted.replaceAll('"', '""')}"` }
}

/** A part of a MAC address with dashes, as labels and switches print it, in the spelling that is kept. */
function spellMac(text: string): string {
  return /^[0-9a-f]{2}(?:-[0-9a-f]{2}){1,5}(?:-[0-9a-f]?)?$/.test(text) ? text.replaceAll('-', ':') : text
}
