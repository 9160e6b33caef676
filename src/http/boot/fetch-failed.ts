import type { LiveBoot, OpenDoor } from './door.ts'

/** Tells the host's events that a file could not be had, and why: once for a file, a reason and a boot. */
export async function fetchFailed(
  door: Pick<OpenDoor, 'store' | 'told' | 'now'>,
  { host, boot }: LiveBoot,
  file: string,
  reason: string,
): Promise<void> {
  const text = `${file} could not be fetched: ${reason}`
  if (!door.told.isNews(boot.number, text)) return
  await door.store.addEvent(host.id, boot.number, door.now(), { type: 'fetch-failed', text })
}
