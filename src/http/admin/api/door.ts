import type { FastifyRequest } from 'fastify'
import type { Finding } from '../../../commands/doctor/finding.ts'
import type { DefaultsDeps } from '../../../commands/edit-defaults.ts'
import type { EditDeps, EditedByHand } from '../../../commands/edit-host.ts'
import { hostJson } from '../../../commands/host-json.ts'
import { type ListDeps, type ListedHost, listHost } from '../../../commands/list-hosts.ts'
import { assignableImages, plannableImages, type Workshop } from '../../../commands/workshop.ts'
import type { Host } from '../../../core/host.ts'

/** What the API is made of. */
export interface ApiDoor {
  readonly workshop: Workshop
  /** Absolute paths. */
  readonly folders: { readonly images: string; readonly data: string; readonly templates: string | undefined }
  readonly maxInstalls: number | undefined
  /** Whether new machines get the plan `discover,new`. */
  readonly discover: boolean
  readonly version: string
  /** Tries the whole chain as a machine would; the worst finding first. */
  readonly doctor: () => Promise<readonly Finding[]>
  /** What the serving process knows of its parts: dnsmasq, the images folder. Empty when all is well. */
  troubles(): readonly string[]
  /** In ms since 1970. */
  readonly now: () => number
}

/** What commands need for a change that somebody asks for. */
export function byCaller({ workshop, now }: ApiDoor, { caller }: Pick<FastifyRequest, 'caller'>) {
  return { store: workshop.store, now, by: caller.name }
}

/** The same, with the images that can be assigned now. */
export async function editDeps(door: ApiDoor, request: Pick<FastifyRequest, 'caller'>): Promise<EditDeps> {
  return { ...byCaller(door, request), images: await assignableImages(door.workshop, door.folders) }
}

/** What lists of hosts are made of. */
export async function listDeps({ workshop, folders, now }: ApiDoor): Promise<ListDeps> {
  const { find } = await plannableImages(workshop, folders)
  return { store: workshop.store, findImage: find, now }
}

/** What settings of the server and of images are changed with. */
export async function defaultsDeps({ workshop }: ApiDoor): Promise<DefaultsDeps> {
  const { list } = await workshop.images.snapshot()
  return { store: workshop.store, images: list.flatMap(({ image }) => image ?? []) }
}

/** A host of a list as it is sent. */
export function faceOf({ host, install, attention }: ListedHost, now: number) {
  return hostJson(host, now, install, attention)
}

/** A host as it is sent. */
export async function hostFace(door: ApiDoor, host: Host) {
  return faceOf(await listHost(await listDeps(door), host), door.now())
}

/** A host after a change as it is sent. */
export async function editedFace(
  door: ApiDoor,
  edited: Omit<EditedByHand, 'warnings'>,
  warnings: readonly string[] = [],
) {
  return {
    host: await hostFace(door, edited.host),
    changes: edited.events.map(({ text }) => text),
    warnings: [...warnings],
  }
}
