import type { FastifyRequest } from 'fastify'
import { bootUrls } from '../../core/boot-urls.ts'
import { type Decision, decide, type Gate } from '../../core/decide.ts'
import type { Soon } from '../../core/soon.ts'
import type { Asking as Admitting } from './admission.ts'
import { placeOf } from './base-url.ts'
import type { LiveBoot, OpenDoor } from './door.ts'
import type { Asking } from './obstacles.ts'

/**
 * Makes a decision about a host with all that may stand between it and its image: what its installer would refuse, and then the other
 * installs that go on.
 */
export function decided<T>(door: OpenDoor, asking: Asking & Admitting, decision: (gate: Gate) => Soon<T>): Soon<T> {
  return door.admission.decided(asking, (admit) =>
    door.obstacles.decided(asking, (gate) => decision((host, image) => gate(host, image) ?? admit(host, image))),
  )
}

/** What `/bootstrap` would answer to a host, asked from a boot of it. It takes no slot by that. */
export async function decideNow(
  door: OpenDoor,
  request: FastifyRequest,
  { host, boot }: LiveBoot,
  bootid: string,
): Promise<Decision> {
  const findImage = await door.findImages()
  const urls = () => bootUrls(placeOf(request, door.baseUrl).base, host.id, bootid)
  const asking = { urls, mac: host.macs[0], since: boot.openedAt, begins: false }
  return decided(door, asking, (gate) => decide(host, findImage, gate))
}
