import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { deleteHost } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { expectTag, hostTag } from '../../../commands/host-tag.ts'
import { expire } from '../../../core/greet.ts'
import { type Host, nameOf } from '../../../core/host.ts'
import { byCaller } from '../api/door.ts'
import type { PagesDoor } from './door.ts'
import { sendPage } from './frame.ts'
import { HostParams } from './host.ts'
import { hostFace } from './host-face.ts'

const Body = Type.Object({ tag: Type.String({ maxLength: 300 }) })

/** A machine that is gone is forgotten, after it was asked for once more. */
export const forgetHostPages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  const { store } = door.workshop
  const config = { role: 'admin' } as const

  app.get('/hosts/:host/delete', { config, schema: { params: HostParams } }, async (request, reply) => {
    const { host } = expire({ host: await findHost(store, request.params.host), events: [] }, door.now())
    return sendPage(reply, door.pages, 'host-delete', { host: hostFace(host), tag: hostTag(host) })
  })

  app.post('/hosts/:host/delete', { config, schema: { params: HostParams, body: Body } }, async (request, reply) => {
    const expect = (host: Host) => expectTag(host, [request.body.tag])
    const gone = await deleteHost({ ...byCaller(door, request), expect }, request.params.host)
    const flash = [`${nameOf(gone)} is forgotten; its events are kept.`]
    return reply.redirect(`/?done=${door.flash.keep({ flash, flashLevel: 'good' })}`, 303)
  })
}
