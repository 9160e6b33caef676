import type { FastifyRequest } from 'fastify'
import type { Finding } from '../../../commands/doctor/finding.ts'
import type { EditDeps } from '../../../commands/edit-host.ts'
import { assignableImages, type Workshop } from '../../../commands/workshop.ts'

/** What the API is made of. */
export interface ApiDoor {
  readonly workshop: Workshop
  /** Absolute paths. */
  readonly folders: { readonly images: string; readonly data: string; readonly templates: string | undefined }
  readonly maxInstalls: number | undefined
  readonly version: string
  /** Tries the whole chain as a machine would; the worst finding first. */
  readonly doctor: () => Promise<readonly Finding[]>
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
