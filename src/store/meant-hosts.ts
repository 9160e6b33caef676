import type { Host } from '../core/host.ts'
import { type Identity, parseMac, readSerial, readUuid } from '../core/identity.ts'
import type { Tables } from './tables.ts'

/** The hosts that a person could mean by a text: an id, which is then meant alone, a name, or any identifier. */
export function hostsMeantBy(tables: Tables, text: string): Host[] {
  const wanted = text.trim()
  if (/^\d{1,15}$/.test(wanted)) {
    const byId = tables.host(Number(wanted))
    if (byId !== undefined) return [byId]
  }
  const sharing = tables.sharing(identityIn(wanted)).map(({ id }) => id)
  const ids = new Set([...sharing, ...tables.named(wanted.toLowerCase())])
  return [...ids].map((id) => tables.existing(id))
}

/** A text as whatever identifiers it could be. */
function identityIn(text: string): Identity {
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch {
      return undefined
    }
  }
  const mac = attempt(() => parseMac(text))
  return {
    macs: mac === undefined ? [] : [mac],
    serial: attempt(() => readSerial(text)),
    uuid: attempt(() => readUuid(text)),
  }
}
