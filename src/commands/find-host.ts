import { ProvisionError } from '../core/errors.ts'
import { type Host, nameOf } from '../core/host.ts'
import { describeIdentity, quoted } from '../core/identity.ts'
import type { Store } from '../store/store.ts'

/**
 * The one host that a person means by an id, a host name, a MAC address, a serial or a UUID.
 * @throws {ProvisionError} not-found, or conflict when several fit: they are named, none is chosen
 */
export async function findHost(store: Pick<Store, 'findHosts'>, text: string): Promise<Host> {
  const [host, ...others] = (await store.findHosts(text)).toSorted((a, b) => a.id - b.id)
  if (host === undefined) throw new ProvisionError('not-found', `no host is known as ${quoted(text)}`)
  if (others.length === 0) return host
  const fitting = [host, ...others].map((one) => `${nameOf(one)}: ${describeIdentity(one)}`).join('; ')
  throw new ProvisionError('conflict', `${quoted(text)} could be several hosts, name one by its id (${fitting})`)
}
