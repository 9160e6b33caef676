import type { FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { hideBootid } from './bootid.ts'
import type { LiveBoot, OpenDoor } from './door.ts'

/** What loaders look for in several places and do without: that it is not there is no news. */
const PROBES = /(?:^|\/)(?:crypto64\.efi|boot\.cfg)$/i

type TellingDoor = Pick<OpenDoor, 'store' | 'told' | 'now'>

/** Tells the host's events why a request for a file is refused. HEAD tells nothing; loaders ask by it for the size alone. */
export async function tellFailure(
  door: TellingDoor,
  request: FastifyRequest,
  live: LiveBoot,
  { file, error }: { readonly file: string; readonly error: unknown },
): Promise<void> {
  if (!(error instanceof ProvisionError) || request.method !== 'GET' || live.boot.image === undefined) return
  const isMissing = error.kind === 'not-found'
  if (isMissing && PROBES.test(file)) return
  const { bootid } = request.params as { readonly bootid?: string }
  const name = isMissing || !/^[\w.-]{1,64}$/.test(file) ? quoted(file) : file
  await fetchFailed(door, live, hideBootid(name, bootid), hideBootid(error.message, bootid))
}

/** Tells the host's events that a file could not be had, and why: once for a file, a reason and a boot. */
export async function fetchFailed(
  door: TellingDoor,
  { host, boot }: LiveBoot,
  file: string,
  reason: string,
): Promise<void> {
  const text = `${file} could not be fetched: ${reason}`
  await door.told.once(boot.number, text, () =>
    door.store.addEvent(host.id, boot.number, door.now(), { type: 'fetch-failed', text }),
  )
}
