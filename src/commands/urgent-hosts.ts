import type { Attention } from '../core/attention.ts'
import type { Host } from '../core/host.ts'
import type { ImageSnapshot } from '../images/library.ts'
import type { Install, Store } from '../store/store.ts'
import { attentionOfHosts } from './attention.ts'
import { pageHosts } from './page-hosts.ts'

/** A host that stands until a person does something. */
export interface UrgentHost {
  readonly host: Host
  readonly install: Install | undefined
  readonly attention: Attention
}

/** Among how many hosts they are looked for: whoever has more of them has one problem, not a thousand. */
const MOST_SUSPECTS = 1000

/**
 * Finds the hosts for which a person has to do something, among the few for which that can be.
 * @param most among how many of those it looks
 * @returns them, and whether that are all
 */
export async function urgentHosts(
  store: Pick<Store, 'pageHosts' | 'findInstall' | 'findSign'>,
  { list, find }: ImageSnapshot,
  now: () => number,
  most = MOST_SUSPECTS,
): Promise<{ readonly hosts: readonly UrgentHost[]; readonly isAll: boolean }> {
  const images = list.flatMap(({ name, image }) => (image === undefined ? [] : [name]))
  const { hosts, installs, next } = await pageHosts(
    store,
    { filter: { suspect: { images } }, order: 'id', isDescending: false, after: undefined, limit: most },
    now(),
  )
  const attention = await attentionOfHosts({ store, findImage: find, now }, hosts, installs)
  const urgent = hosts.flatMap((host) => {
    const why = attention.get(host.id)
    return why?.level === 'act' ? [{ host, install: installs.get(host.id), attention: why }] : []
  })
  return { hosts: urgent, isAll: next === undefined }
}
