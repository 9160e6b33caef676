import type { Host, HostId } from '../core/host.ts'
import type { HostFilter, HostOrder, HostPlace } from '../store/host-pages.ts'
import type { Install, Store } from '../store/store.ts'

export type { HostFilter, HostOrder, HostPlace }

export interface PageRequest {
  readonly filter: HostFilter
  readonly order: HostOrder
  readonly isDescending: boolean
  /** Where the page before ended. */
  readonly after: HostPlace | undefined
  readonly limit: number
}

/** A part of a list of hosts. */
export interface PageOfHosts {
  readonly hosts: readonly Host[]
  /** The newest install of those that had one. */
  readonly installs: ReadonlyMap<HostId, Install>
  /** Where the next page begins; `undefined` when there is none. */
  readonly next: HostPlace | undefined
}

/** Lists hosts page by page: hosts that come, go or are renamed meanwhile make no other one appear twice or not at all. */
export async function pageHosts(
  store: Pick<Store, 'pageHosts' | 'findInstall'>,
  request: PageRequest,
  now: number,
): Promise<PageOfHosts> {
  const found = await store.pageHosts({ ...request, limit: request.limit + 1, at: now })
  const hosts = found.slice(0, request.limit)
  const last = found.length > hosts.length ? hosts.at(-1) : undefined
  const installs = await Promise.all(hosts.map(({ id }) => store.findInstall(id)))
  return {
    hosts,
    installs: new Map(installs.flatMap((install) => (install === undefined ? [] : [[install.hostId, install]]))),
    next: last && { id: last.id, name: last.hostname },
  }
}
