import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { type Static, Type } from 'typebox'
import { type EditDeps, editHost, type HostEdits } from '../../../commands/edit-host.ts'
import { findHost } from '../../../commands/find-host.ts'
import { expectTag, hostTag } from '../../../commands/host-tag.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { expire } from '../../../core/greet.ts'
import { type Host, nameOf } from '../../../core/host.ts'
import { count } from '../../../core/words.ts'
import { editDeps } from '../api/door.ts'
import { ownPath } from '../own-path.ts'
import type { PagesDoor } from './door.ts'
import type { Outcome } from './flash.ts'
import { sendPage } from './frame.ts'
import { ACTIONS, editsOf, wordAction, wordToType } from './wording.ts'

/** A form has a field once or several times. */
const Many = Type.Union(
  [Type.String({ maxLength: 300 }), Type.Array(Type.String({ maxLength: 300 }), { maxItems: 1000 })],
  {
    default: [],
  },
)
const Form = Type.Object({
  host: Many,
  tag: Many,
  action: Type.Enum([...ACTIONS]),
  plan: Type.String({ default: '', maxLength: 4000 }),
  expires: Type.String({ default: '', maxLength: 20 }),
  back: Type.String({ default: '/', maxLength: 1000 }),
  word: Type.String({ default: '', maxLength: 300 }),
})

type EditForm = Static<typeof Form>

/** Changes of one host or of many that install something or keep it from being installed: said in words first, done when they are confirmed. */
export const bulkPages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  const config = { role: 'operator' } as const

  app.post('/hosts/edit', { config, schema: { body: Form } }, async ({ body }, reply) => confirm(door, reply, body))

  app.post('/hosts/edit/confirmed', { config, schema: { body: Form } }, async (request, reply) => {
    const { body } = request
    const edits = editsOf(body)
    const hosts = await findHosts(door, body)
    const word = wordToType(hosts, edits)
    if (word !== undefined && body.word.trim() !== word) {
      return confirm(door, reply.code(400), body, `Nothing was changed: type ${word} to go on.`)
    }
    const outcome = await editAll(await editDeps(door, request), { hosts, edits, tags: [body.tag].flat() })
    return reply.redirect(behind(ownPath(body.back), door.flash.keep(outcome)), 303)
  })
}

async function findHosts({ workshop, now }: PagesDoor, { host }: EditForm): Promise<readonly Host[]> {
  const found = await Promise.all([host].flat().map((text) => findHost(workshop.store, text)))
  return found.map((known) => expire({ host: known, events: [] }, now()).host)
}

/** Says what would be done, and to which hosts. */
async function confirm(door: PagesDoor, reply: FastifyReply, form: EditForm, problem = ''): Promise<FastifyReply> {
  const edits = editsOf(form)
  const hosts = await findHosts(door, form)
  if (hosts.length === 0) throw new ProvisionError('invalid', 'no host is selected: tick some first')
  const { parts, ...words } = wordAction(form, hosts)
  const { action, plan, expires } = form
  const word = wordToType(
    parts.flatMap((part) => part.hosts),
    edits,
  )
  return sendPage(reply, door.pages, 'confirm', {
    ...{ ...words, problem, action, plan, expires },
    back: ownPath(form.back),
    word: word ?? '',
    isWordWrong: problem !== '',
    parts: parts.map((part) => ({ ...part, hosts: part.hosts.map(hostView) })),
  })
}

function hostView(host: Host) {
  const facts = [host.macs[0], host.serial].filter((fact) => fact !== undefined)
  return { id: host.id, name: nameOf(host), tag: hostTag(host), more: facts.map((fact) => `, ${fact}`).join('') }
}

interface Asked {
  readonly hosts: readonly Host[]
  readonly edits: HostEdits
  /** What each host was when it was shown. */
  readonly tags: readonly string[]
}

/** Changes each host by itself; what is refused of one does not keep the others. */
async function editAll(deps: EditDeps, { hosts, edits, tags }: Asked): Promise<Outcome> {
  const done: string[] = []
  const refused: string[] = []
  for (const [index, host] of hosts.entries()) {
    try {
      const expect = (known: Host) => expectTag(known, [tags[index] ?? ''])
      const { events, warnings } = await editHost({ ...deps, expect }, String(host.id), edits)
      const told = [...events.map(({ text }) => text), ...warnings]
      done.push(`${nameOf(host)}: ${told.length === 0 ? 'nothing to change' : told.join('; ')}`)
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      refused.push(error.message)
    }
  }
  return outcomeOf(done, refused)
}

/** Of many that went well their number says enough. */
const MOST_TOLD = 5

function outcomeOf(done: readonly string[], refused: readonly string[]): Outcome {
  const well = done.length > MOST_TOLD ? [`${count(done.length, 'host')} changed`] : done
  const ill = refused.length === 0 ? [] : [`Not changed: ${count(refused.length, 'host')}`, ...refused]
  return { flash: [...ill, ...well], flashLevel: refused.length > 0 ? 'act' : 'good' }
}

function behind(path: string, word: string): string {
  const url = new URL(path, 'http://localhost')
  url.searchParams.set('done', word)
  return url.pathname + url.search
}
