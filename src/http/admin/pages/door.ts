import { plannableImages } from '../../../commands/workshop.ts'
import type { Lease } from '../../../dnsmasq/leases.ts'
import type { FileCache } from '../../../images/file-cache.ts'
import type { ImageSnapshot } from '../../../images/library.ts'
import type { Pages } from '../../../render/html.ts'
import type { ApiDoor } from '../api/door.ts'
import type { Flash } from './flash.ts'

/** What the pages are made of. */
export interface PagesDoor extends ApiDoor {
  readonly pages: Pages
  readonly flash: Flash
  /** Of files; `undefined` when none are kept. */
  readonly cache: FileCache | undefined
  /** What is wrong with the serving process' parts. */
  troubles(): readonly string[]
  /** The dnsmasq beside the server, if there is one. */
  readonly dhcp: DhcpBeside | undefined
}

/** The dnsmasq that runs beside the server. */
export interface DhcpBeside {
  readonly interface: string
  /** Another server gives the addresses. */
  readonly isProxy: boolean
  leases(): Promise<readonly Lease[]>
}

/** What a plan may name now. */
export function imagesNow({ workshop, folders }: PagesDoor): Promise<ImageSnapshot> {
  return plannableImages(workshop, folders)
}
