import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { deleteHost, mergeHosts } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { expectTag, hostTag } from '../../../commands/host-tag.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { expire } from '../../../core/greet.ts'
import { type Host, nameOf } from '../../../core/host.ts'
import { describeIdentity } from '../../../core/identity.ts'
import { byCaller } from '../api/door.ts'
import type { PagesDoor } from './door.ts'
import { sendPage } from './frame.ts'

const Text = Type.String({ minLength: 1, maxLength: 300 })
const Params = Type.Object({ host: Text })

/** What makes an end of a host: two hosts that are one machine become one, and a machine that is gone is forgotten. Asked for once more. */
export const mergePages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  const { store } = door.workshop
  const asSeen = async (text: string) => expire({ host: await findHost(store, text), events: [] }, door.now()).host

  app.get(
    '/hosts/:host/merge',
    { config: { role: 'operator' }, schema: { params: Params, querystring: Type.Object({ other: Text }) } },
    async (request, reply) => {
      const kept = await asSeen(request.params.host)
      const gone = await asSeen(request.query.other)
      if (kept.id === gone.id) throw new ProvisionError('invalid', `${nameOf(kept)} is that host itself`)
      return sendPage(reply, door.pages, 'merge', { kept: view(kept), gone: view(gone), tag: hostTag(kept) })
    },
  )

  app.post(
    '/hosts/:host/merge',
    {
      config: { role: 'operator' },
      schema: { params: Params, body: Type.Object({ other: Text, tag: Type.String({ maxLength: 300 }) }) },
    },
    async (request, reply) => {
      const { other, tag } = request.body
      const expect = (host: Host) => expectTag(host, [tag])
      const { host, gone } = await mergeHosts({ ...byCaller(door, request), expect }, request.params.host, other)
      const flash = [`${nameOf(gone)} is a part of this host now.`]
      return reply.redirect(`/hosts/${host.id}?done=${door.flash.keep({ flash, flashLevel: 'good' })}`, 303)
    },
  )

  const config = { role: 'admin' } as const
  app.get('/hosts/:host/delete', { config, schema: { params: Params } }, async (request, reply) => {
    const host = await asSeen(request.params.host)
    return sendPage(reply, door.pages, 'host-delete', { host: view(host), tag: hostTag(host) })
  })

  const body = Type.Object({ tag: Type.String({ maxLength: 300 }) })
  app.post('/hosts/:host/delete', { config, schema: { params: Params, body } }, async (request, reply) => {
    const expect = (host: Host) => expectTag(host, [request.body.tag])
    const gone = await deleteHost({ ...byCaller(door, request), expect }, request.params.host)
    const flash = [`${nameOf(gone)} is forgotten; its events are kept.`]
    return reply.redirect(`/?done=${door.flash.keep({ flash, flashLevel: 'good' })}`, 303)
  })
}

function view(host: Host) {
  return { id: host.id, name: nameOf(host), known: describeIdentity(host), state: host.state }
}
