import type { Attention, AttentionLevel } from '../core/attention.ts'
import type { Host } from '../core/host.ts'
import type { HostFilter, HostOrder, HostPlace } from '../store/host-pages.ts'
import type { Install, Store } from '../store/store.ts'
import { type AttentionDeps, attentionOfHost } from './attention.ts'

export interface ListDeps extends AttentionDeps {
  readonly store: AttentionDeps['store'] & Pick<Store, 'pageHosts'>
}

export interface ListRequest {
  readonly filter: Omit<HostFilter, 'notable'>
  /** Only those that a person has to look at, `look` or `act`, or those that nobody has to look at. */
  readonly attention?: AttentionLevel
  readonly order: HostOrder
  readonly isDescending: boolean
  /** Where the page before ended. */
  readonly after: HostPlace | undefined
  readonly limit: number
}

/** A host in a list, with what is told of it there. */
export interface ListedHost {
  readonly host: Host
  /** The newest. */
  readonly install: Install | undefined
  readonly attention: Attention
}

/** A part of a list of hosts. */
export interface ListedHosts {
  readonly hosts: readonly ListedHost[]
  /** Where the next page begins; `undefined` when there is none. */
  readonly next: HostPlace | undefined
}

/** So many hosts are looked at together when those that fit are told by more than the database knows. */
const BATCH = 500

/** Lists hosts page by page, each with what is told of it: hosts that come, go or are renamed meanwhile make no other one appear twice or not at all. */
export async function listHosts(deps: ListDeps, { attention, ...request }: ListRequest): Promise<ListedHosts> {
  const filter: HostFilter =
    attention === 'look' || attention === 'act' ? { ...request.filter, notable: attention } : request.filter
  const wanted = request.limit + 1
  const size = attention === undefined ? wanted : Math.max(BATCH, wanted)
  const found: ListedHost[] = []
  let { after } = request
  for (;;) {
    const batch = await deps.store.pageHosts({ ...request, filter, after, limit: size, at: deps.now() })
    const listed = await Promise.all(batch.map((host) => listHost(deps, host)))
    found.push(...listed.filter((one) => fits(one.attention, attention)))
    const last = batch.at(-1)
    if (batch.length < size || found.length >= wanted || last === undefined) break
    after = placeOf(last)
  }
  const hosts = found.slice(0, request.limit)
  const last = hosts.at(-1)
  return { hosts, next: found.length > hosts.length && last !== undefined ? placeOf(last.host) : undefined }
}

/** A host as lists tell of it. */
export async function listHost(deps: AttentionDeps, host: Host): Promise<ListedHost> {
  const [install, attention] = await Promise.all([deps.store.findInstall(host.id), attentionOfHost(deps, host)])
  return { host, install, attention }
}

function fits({ level }: Attention, wanted: AttentionLevel | undefined): boolean {
  return wanted === undefined || level === wanted || (wanted === 'look' && level === 'act')
}

function placeOf({ id, hostname }: Host): HostPlace {
  return { id, name: hostname }
}
