import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { prepareInstall } from '../../commands/prepare-install.ts'
import { type BootChange, fail, finish, report } from '../../core/boot.ts'
import { bootUrls } from '../../core/boot-urls.ts'
import { ProvisionError } from '../../core/errors.ts'
import { nameOf } from '../../core/host.ts'
import { tryWholeJson } from '../../kinds/seed.ts'
import { TemplateError } from '../../render/template-error.ts'
import { placeOf } from './base-url.ts'
import { hideBootid } from './bootid.ts'
import type { OpenDoor } from './door.ts'
import { decideNow } from './gates.ts'
import type { Query } from './query.ts'
import { noteTemplateError } from './template-fault.ts'
import { sendLine } from './text-errors.ts'
import { requireBoot, touchBoot } from './touch.ts'

const LONGEST_TEXT = 1000

interface BootRoute {
  Params: { readonly bootid: string }
  Querystring: Query
}

/** The space of one boot, `/b/<bootid>/…`: what the machine says and asks while it is in that boot. */
export async function callbackRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  const method = ['GET', 'POST']

  app.route<BootRoute>({
    method,
    url: '/b/:bootid/finish',
    handler: async (request, reply) => {
      const { host } = await changeBoot(door, request, (...now) => finish(...now))
      return sendLine(reply, 200, `${nameOf(host)} is ${host.state} now`)
    },
  })

  app.route<BootRoute>({
    method,
    url: '/b/:bootid/fail',
    handler: async (request, reply) => {
      const reason = toldText(request, 'reason')
      const { host } = await changeBoot(door, request, (current, boot, at) => fail(current, boot, reason, at))
      return sendLine(reply, 200, `${nameOf(host)} is ${host.state} now`)
    },
  })

  app.route<BootRoute>({
    method,
    url: '/b/:bootid/report',
    handler: async (request, reply) => {
      const parts = ['stage', 'errno', 'try'].map((name) => [name, request.query.last(name) ?? ''] as const)
      const told = parts.filter(([, value]) => value !== '').map(([name, value]) => `${name} ${value}`)
      const text = oneLine([...told, toldText(request, 'text')].filter((part) => part !== '').join(', '))
      if (text === '') throw new ProvisionError('invalid', 'a report needs stage, errno or text')
      await changeBoot(door, request, (current, boot, at) => report(current, boot, text, at))
      return sendEmptyScript(reply)
    },
  })

  app.route<BootRoute>({
    method: 'GET',
    url: '/b/:bootid/post-install',
    handler: async (request, reply) => sendPostInstall(door, request, reply, request.params.bootid),
  })

  // Asked by a waiting machine every few seconds: does something else await it than when it was told to wait?
  app.route<BootRoute>({
    method: ['GET', 'HEAD'],
    url: '/b/:bootid/wait',
    handler: async (request, reply) => {
      const live = await requireBoot(door, request.params.bootid)
      const { host, boot } = live
      const { kind } = await decideNow(door, request, live, request.params.bootid)
      const isIdle = kind === 'wait' || kind === 'hold' || kind === 'queue'
      if (isIdle && host.revision === boot.revision) return sendLine(reply, 404, 'nothing to do yet')
      return sendEmptyScript(reply)
    },
  })
}

/** Renders the script that an installer runs when the image is on the disk. */
export async function sendPostInstall(
  door: OpenDoor,
  request: FastifyRequest,
  reply: FastifyReply,
  bootid: string,
): Promise<FastifyReply> {
  const live = await requireBoot(door, bootid)
  const { host, boot } = live
  if (boot.image === undefined) throw new ProvisionError('unauthorized', 'nothing was being installed in this boot')
  await touchBoot(door, live, { type: 'post-install', text: 'fetches the post-install script' })
  await door.installs.enter(live, 'post')
  const server = placeOf(request, door.baseUrl)
  const urls = bootUrls(server.base, host.id, bootid)
  try {
    const image = (await door.findImages())(boot.image)
    const config = image && tryWholeJson(await prepareInstall(door, { host, image, urls, mac: undefined }))
    const script = door.templates.postInstall({ host, urls, server, bootid, image: boot.image, config })
    // It holds the boot's key.
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(script)
  } catch (error) {
    if (error instanceof TemplateError) await noteTemplateError(door, request, live, error)
    throw error
  }
}

type CallbackChange = (...now: Parameters<typeof finish>) => BootChange

/** @throws {ProvisionError} not-found, for an unknown boot; unauthorized, for one whose time is over */
async function changeBoot(
  door: OpenDoor,
  request: FastifyRequest<BootRoute>,
  change: CallbackChange,
): Promise<BootChange> {
  const { hash } = await requireBoot(door, request.params.bootid)
  return applyCallback(door, request, hash, change)
}

/** Applies a callback to the boot with this hash and says so in the log. @throws {ProvisionError} as the callback is refused */
export async function applyCallback(
  door: OpenDoor,
  request: FastifyRequest,
  hash: string,
  change: CallbackChange,
): Promise<BootChange> {
  const at = door.now()
  const changed = await door.store.changeBoot(hash, (host, boot) => change(host, boot, at))
  if (changed === undefined) throw new ProvisionError('not-found', 'there is no such boot')
  for (const event of changed.events) request.log.info({ host: changed.host.id, event: event.type }, event.text)
  if (changed.refused !== undefined) throw changed.refused
  if (changed.boot.outcome !== undefined) door.admission.lookAgain()
  if (changed.boot.outcome === 'finished') await door.installs.enter({ ...changed, hash }, 'finished')
  return changed
}

/** What is said in words: the query's parameter, the body's field of that name, or the whole body when it is plain text. */
function toldText(request: FastifyRequest<BootRoute>, name: string): string {
  const body: unknown = request.body
  const field = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : body
  const text = request.query.last(name) ?? (typeof field === 'string' ? field : '')
  return oneLine(hideBootid(text, request.params.bootid))
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT)
}

/** What iPXE can fetch and even run without harm. */
function sendEmptyScript(reply: FastifyReply): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send('#!ipxe\n')
}
