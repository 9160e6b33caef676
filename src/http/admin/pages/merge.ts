import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { mergeHosts } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { expectTag, hostTag } from '../../../commands/host-tag.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { expire } from '../../../core/greet.ts'
import { type Host, nameOf } from '../../../core/host.ts'
import { byCaller } from '../api/door.ts'
import type { PagesDoor } from './door.ts'
import { sendPage } from './frame.ts'
import { hostFace } from './host-face.ts'

const Text = Type.String({ minLength: 1, maxLength: 300 })
const Params = Type.Object({ host: Text })

/** Two hosts that are one machine become one, after it was asked for once more. */
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
      return sendPage(reply, door.pages, 'merge', { kept: hostFace(kept), gone: hostFace(gone), tag: hostTag(kept) })
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
}
