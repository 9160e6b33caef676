import type { FastifyRequest } from 'fastify'
import { progress } from '../../core/boot.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { NewEvent } from '../../core/event.ts'
import { placeOf } from './base-url.ts'
import { hashBootid } from './bootid.ts'
import type { BootDoor, LiveBoot, OpenDoor } from './door.ts'

/**
 * The boot that a bootid is the key to.
 * @throws {ProvisionError} not-found, when there is none
 */
export async function requireBoot(door: BootDoor, bootid: string | undefined): Promise<LiveBoot> {
  const hash = hashBootid(bootid)
  const found = hash === undefined ? undefined : await door.store.findBoot(hash)
  if (hash === undefined || found === undefined) throw new ProvisionError('not-found', 'there is no such boot')
  return { ...found, hash }
}

/**
 * Notes that a machine uses its boot, and what it did, if that is worth an event. Only the first time is a change that must be kept over a power cut.
 * @throws {ProvisionError} unauthorized, when a newer boot took this one's place
 */
export async function touchBoot(door: BootDoor, { host, boot, hash }: LiveBoot, event: NewEvent): Promise<void> {
  const at = door.now()
  if (boot.progressedAt !== undefined && boot.number >= host.progress) {
    await door.store.addEvent(host.id, boot.number, at, event)
    return
  }
  const changed = await door.store.changeBoot(hash, (current, opened) => {
    const live = progress(current, opened, at)
    return live.refused === undefined ? { ...live, events: [event] } : live
  })
  if (changed?.refused !== undefined) throw changed.refused
}

/**
 * Notes that a machine fetches something in its boot. Where the server knows the stages of an install, the first fetch is an event,
 * and then the end of each stage.
 * @throws {ProvisionError} as {@link touchBoot}
 */
export async function touchByFetch(
  door: OpenDoor,
  request: FastifyRequest,
  live: LiveBoot,
  text: string,
): Promise<void> {
  const isFirst = live.boot.progressedAt === undefined || live.boot.number < live.host.progress
  const { isStaged } = await door.installs.of(live)
  if (isFirst || !isStaged) await touchBoot(door, live, { type: 'progress', text })
  if (live.boot.progressedAt === undefined) door.keeper.note(live, placeOf(request, door.baseUrl).base)
}
