import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { prepareInstall } from '../../commands/prepare-install.ts'
import { type BootUrls, bootUrls } from '../../core/boot-urls.ts'
import { ProvisionError } from '../../core/errors.ts'
import { type Mac, readMac } from '../../core/identity.ts'
import type { BootFile } from '../../kinds/kind.ts'
import { seedFile } from '../../kinds/seed.ts'
import { placeOf } from './base-url.ts'
import type { LiveBoot, OpenDoor } from './door.ts'
import { tellFailure } from './fetch-failed.ts'
import { requireBoot, touchByFetch } from './touch.ts'

interface Params {
  readonly bootid: string
  readonly file?: string
  readonly mac?: string
}

type FileRequest = FastifyRequest<{ Params: Params }>

/** What is made for one boot: the loader's configuration, a kickstart, a module with the host's metadata. */
export async function bootFileRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  const method = ['GET', 'HEAD']

  app.route<{ Params: Params }>({
    method,
    url: '/b/:bootid/:file',
    handler: async (request, reply) => sendBootFile(door, request, reply, request.params.file ?? ''),
  })

  app.route<{ Params: Params }>({
    method,
    url: '/b/:bootid/openstack/latest/:file',
    handler: async (request, reply) => sendBootFile(door, request, reply, `openstack/latest/${request.params.file}`),
  })

  app.route<{ Params: Params }>({
    method,
    url: '/b/:bootid/autoinstall/:file',
    handler: async (request, reply) => sendBootFile(door, request, reply, `autoinstall/${request.params.file}`),
  })

  // Where a loader looks that was told a directory alone: by the card that it booted from.
  app.route<{ Params: Params }>({
    method,
    url: '/b/:bootid/:mac/boot.cfg',
    handler: async (request, reply) => sendBootFile(door, request, reply, 'boot.cfg'),
  })
}

async function sendBootFile(
  door: OpenDoor,
  request: FileRequest,
  reply: FastifyReply,
  name: string,
): Promise<FastifyReply> {
  const live = await requireBoot(door, request.params.bootid)
  const mac = request.params.mac === undefined ? undefined : requireCard(live, request.params.mac)
  const urls = bootUrls(placeOf(request, door.baseUrl).base, live.host.id, request.params.bootid)
  const file = await makeFile(door, live, { name, mac, urls }).catch(async (error: unknown) => {
    await tellFailure(door, request, live, { file: name, error })
    throw error
  })
  if (request.method === 'GET') {
    await touchByFetch(door, request, live, `fetches ${name}`)
    door.installs.watch(request, reply, live, { file: name, isMade: true, size: Buffer.byteLength(file.body) })
  }
  // In one piece: a loader cannot tell a cut file from a whole one. It may hold the boot's key, and what it says is of this moment.
  return reply.type(file.type).header('cache-control', 'no-store').send(file.body)
}

/** Which file of a boot is wanted, and for whom. */
interface Wanted {
  readonly name: string
  readonly mac: Mac | undefined
  readonly urls: BootUrls
}

/**
 * Makes a file of a boot.
 * @throws {ProvisionError} not-found, when images of this kind have no such file; conflict, when it cannot be made as things stand
 */
export async function makeFile(door: OpenDoor, live: LiveBoot, { name, mac, urls }: Wanted): Promise<BootFile> {
  const { host, boot } = live
  const image = boot.image === undefined ? undefined : (await door.findImages())(boot.image)
  const kind = image === undefined ? undefined : door.kindOf(image)
  const request = image && (await prepareInstall(door, { host, image, urls, mac }))
  const file = request && ((await kind?.bootFile?.(name, request)) ?? seedFile(name, request))
  if (file === undefined) throw new ProvisionError('not-found', 'file not found')
  return file
}

/** @throws {ProvisionError} not-found, when it is no card of this host: the boot's files are for nobody else */
function requireCard({ host }: LiveBoot, text: string): Mac {
  const [, digits] = /^01-((?:[0-9a-f]{2}-){5}[0-9a-f]{2})$/.exec(text) ?? []
  const mac = digits === undefined ? undefined : readMac(digits)
  if (mac === undefined || !host.macs.includes(mac)) throw new ProvisionError('not-found', 'file not found')
  return mac
}
