import type { Host } from '../../host.ts'
import type { HostConfig } from '../model.ts'

/** What an installed host calls itself: with its domain, when that is known. */
export function nameOfHost(host: Host, { hostname, domain }: HostConfig): string {
  const name = hostname ?? host.hostname ?? `host-${host.id}`
  return name.includes('.') || domain === undefined ? name : `${name}.${domain}`
}
