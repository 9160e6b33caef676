import type { FastifyRequest } from 'fastify'
import type { Boot } from '../../core/boot.ts'
import type { Host } from '../../core/host.ts'
import type { TemplateError } from '../../render/template-error.ts'
import type { BootDoor } from './door.ts'

/** Tells the log and the host's events that a template could not be rendered, and where it is wrong. */
export async function noteTemplateError(
  door: BootDoor,
  request: FastifyRequest,
  met: { readonly host: Host; readonly boot: Boot },
  error: TemplateError,
): Promise<void> {
  request.log.error({ host: met.host.id, boot: met.boot.number }, `template error: ${error.message}`)
  await door.store.addEvent(met.host.id, met.boot.number, door.now(), { type: 'template-error', text: error.message })
}
