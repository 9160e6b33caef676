import { type Attention, attentionOf } from '../core/attention.ts'
import type { Host, HostId } from '../core/host.ts'
import type { FindImage } from '../core/image.ts'
import type { Install, Store } from '../store/store.ts'

export interface AttentionDeps {
  readonly store: Pick<Store, 'listInstalls' | 'listSigns' | 'findInstall' | 'findSign'>
  /** The images that there are, where that is known. */
  readonly findImage?: FindImage | undefined
  /** In ms since 1970. */
  readonly now: () => number
}

/** Says of any host whether a person has to look at it; asked once for many hosts, it looks at the store once. */
export async function openAttention({ store, findImage, now }: AttentionDeps): Promise<(host: Host) => Attention> {
  const [list, signs] = await Promise.all([store.listInstalls(), store.listSigns()])
  const installs = new Map<HostId, (typeof list)[number]>(list.map((install) => [install.hostId, install]))
  const at = now()
  return (host) => attentionOf({ host, install: installs.get(host.id), sign: signs.get(host.id), findImage }, at)
}

/** Says of each of these hosts whether a person has to look at it. @param installs the newest of those that had one */
export async function attentionOfHosts(
  { store, findImage, now }: Pick<AttentionDeps, 'findImage' | 'now'> & { readonly store: Pick<Store, 'findSign'> },
  hosts: readonly Host[],
  installs: ReadonlyMap<HostId, Install>,
): Promise<ReadonlyMap<HostId, Attention>> {
  const signs = await Promise.all(hosts.map(({ id }) => store.findSign(id)))
  const at = now()
  return new Map(
    hosts.map((host, index) => [
      host.id,
      attentionOf({ host, install: installs.get(host.id), sign: signs[index], findImage }, at),
    ]),
  )
}

/**
 * Says of one host whether a person has to look at it.
 * @param problems what the loader or the installer of its next image would refuse, where that was looked for
 */
export async function attentionOfHost(
  { store, findImage, now }: Omit<AttentionDeps, 'store'> & { readonly store: Pick<Store, 'findInstall' | 'findSign'> },
  host: Host,
  problems?: readonly string[],
): Promise<Attention> {
  const [install, sign] = await Promise.all([store.findInstall(host.id), store.findSign(host.id)])
  return attentionOf({ host, install, sign, findImage, problems }, now())
}
