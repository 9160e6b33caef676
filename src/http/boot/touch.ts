import { progress } from '../../core/boot.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { NewEvent } from '../../core/event.ts'
import { hashBootid } from './bootid.ts'
import type { BootDoor, LiveBoot } from './door.ts'

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
 * Notes that a machine uses its boot, and what it did. Only the first time is a change that must be kept over a power cut.
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
