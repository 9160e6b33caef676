import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { attentionOfHost } from '../../../commands/attention.ts'
import type { DiffDeps } from '../../../commands/explain/diff-boots.ts'
import { describeFiles, explainFile } from '../../../commands/explain/make-files.ts'
import { explain } from '../../../commands/explain.ts'
import { findHost } from '../../../commands/find-host.ts'
import { expire } from '../../../core/greet.ts'
import type { Host } from '../../../core/host.ts'
import { consoleView, stagesView } from './console-view.ts'
import { diffView } from './diff-view.ts'
import { imagesNow, type PagesDoor } from './door.ts'
import type { Outcome } from './flash.ts'
import { may, sendPage } from './frame.ts'
import { filledForm, saveForm } from './host-form.ts'
import { hostView } from './host-view.ts'

export const HostParams = Type.Object({ host: Type.String({ minLength: 1, maxLength: 300 }) })

const MOST_EVENTS = 300

/** The page of one host, and the forms on it that install nothing. */
export const hostPages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  const { store } = door.workshop
  const Query = Type.Object({
    done: Type.String({ default: '', maxLength: 100 }),
    diff: Type.String({ default: '', maxLength: 300 }),
  })

  app.get('/hosts/:host', { schema: { params: HostParams, querystring: Query } }, async (request, reply) => {
    const host = await findHost(store, request.params.host)
    return sendHost(
      door,
      { reply, host },
      {
        fields: undefined,
        outcome: door.flash.take(request.query.done),
        other: request.query.diff.trim(),
      },
    )
  })

  app.get(
    '/hosts/:host/files/*',
    { schema: { params: Type.Object({ host: HostParams.properties.host, '*': Type.String({ maxLength: 300 }) }) } },
    async (request, reply) => {
      const deps = await explainDeps(door)
      const explained = await explain(deps, request.params.host)
      const body = await explainFile(deps, explained, { name: request.params['*'], showsSecrets: false })
      reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      if (typeof body === 'string') return reply.type('text/plain; charset=utf-8').send(body)
      return reply.type('application/octet-stream').send(body)
    },
  )

  app.post(
    '/hosts/:host',
    {
      config: { role: 'operator' },
      schema: { params: HostParams, body: Type.Record(Type.String(), Type.String({ maxLength: 300_000 })) },
    },
    async (request, reply) => {
      const host = await findHost(store, request.params.host)
      const fields = request.body
      const problem = await saveForm(door, request, { host, fields })
      if (problem === undefined) return reply.redirect(`/hosts/${host.id}?done=${door.flash.keep(SAVED)}`, 303)
      const outcome = { flash: [`Nothing was changed: ${problem.message}`], flashLevel: 'act' } as const
      return sendHost(door, { reply: reply.code(problem.status), host }, { fields, outcome })
    },
  )
}

const SAVED = { flash: ['Saved.'], flashLevel: 'good' } as const

async function explainDeps(door: PagesDoor): Promise<DiffDeps> {
  const { workshop, maxInstalls, now } = door
  return { ...workshop, find: (await imagesNow(door)).find, maxInstalls, now }
}

interface Shown {
  /** What somebody filled in that was refused. */
  readonly fields: Readonly<Record<string, string>> | undefined
  readonly outcome: Outcome
  /** What its next boot is to be compared with; empty for nothing. */
  readonly other?: string
}

async function sendHost(
  door: PagesDoor,
  { reply, host: known }: { readonly reply: FastifyReply; readonly host: Host },
  { fields, outcome, other = '' }: Shown,
): Promise<FastifyReply> {
  const now = door.now()
  const { store } = door.workshop
  const deps = await explainDeps(door)
  const { host } = expire({ host: known, events: [] }, now)
  const [install, events, images, explained] = await Promise.all([
    store.findInstall(host.id),
    store.listEvents({ host: host.id, last: MOST_EVENTS }),
    imagesNow(door),
    explain(deps, String(host.id)),
  ])
  const attention = await attentionOfHost({ store, findImage: deps.find, now: door.now }, known, explained.problems)
  const made = await describeFiles(deps, explained)
  const view = hostView({ host, install, attention, events, explained, made, images, now })
  return sendPage(reply, door.pages, 'host', {
    ...view,
    console: await consoleView(store, host, now),
    stages: await stagesView(store, install, now),
    ...outcome,
    form: fields === undefined ? view.form : filledForm(host, fields),
    diff: await diffView(deps, explained, other),
    isWrong: fields?.['metadata'] !== undefined,
    mayEdit: may(reply.request, 'operator'),
    mayDelete: may(reply.request, 'admin'),
  })
}
