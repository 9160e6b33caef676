import { basename, dirname } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import type { LocatedFile } from '../../images/locate.ts'
import type { BootDoor } from './door.ts'
import { sendLine } from './text-errors.ts'
import { requireBoot, touchBoot } from './touch.ts'

/** Bytes read at a time. With Node's small default a single client gets a third of this. */
const CHUNK = 1 << 20

interface Params {
  readonly '*': string
  readonly name?: string
  readonly bootid?: string
}

/** What loaders and installers download: images, the trees of boots, iPXE itself. GET and HEAD, and nothing changes by either. */
export async function fileRoutes(app: FastifyInstance, door: BootDoor): Promise<void> {
  const method = ['GET', 'HEAD']

  app.route<{ Params: Params }>({
    method,
    url: '/images/*',
    handler: async (request, reply) => {
      const [name = '', ...rest] = request.params['*'].split('/')
      return sendFile(request, reply, await door.images.locate(name, rest.join('/')))
    },
  })

  app.route<{ Params: Params }>({
    method,
    url: '/b/:bootid/tree/*',
    handler: async (request, reply) => {
      const file = request.params['*']
      const live = await requireBoot(door, request.params.bootid)
      const { image } = live.boot
      if (image === undefined) throw new ProvisionError('not-found', 'this boot installs nothing')
      const found = await door.images.locate(image, file)
      if (request.method === 'GET') {
        await touchBoot(door, live, { type: 'progress', text: `fetches ${file}${fromByte(request)}` })
      }
      return sendFile(request, reply, found)
    },
  })

  app.route<{ Params: Params }>({
    method,
    url: '/ipxe/*',
    handler: async (request, reply) => sendFile(request, reply, await door.locateIpxe(request.params['*'])),
  })
}

function fromByte(request: FastifyRequest): string {
  const start = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
  return start === undefined || start === '0' ? '' : ` from byte ${start}`
}

/**
 * Sends a file with its exact length, ranges and a strong ETag, never compressed. `@fastify/static` knows weak tags only,
 * and a range of another version joined to what a client has would be an image that nobody made: so the conditions are ours.
 */
function sendFile(request: FastifyRequest, reply: FastifyReply, file: LocatedFile): FastifyReply {
  const etag = `"${file.stamp}"`
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'if-range': ifRange } = request.headers
  if (ifMatch !== undefined && !names(ifMatch, etag)) return sendLine(reply, 412, 'the file is another one by now')
  reply.header('etag', etag)
  if (ifNoneMatch !== undefined && names(ifNoneMatch, etag)) return reply.code(304).send()
  // Decided here, so taken away from the library: a range of a version that is gone gets the whole file.
  if (typeof ifRange === 'string' && ifRange.includes('"')) {
    if (ifRange.trim() !== etag) delete request.raw.headers.range
    delete request.raw.headers['if-range']
  }
  return reply.sendFile(basename(file.path), dirname(file.path), {
    etag: false,
    cacheControl: false,
    contentType: false,
    dotfiles: 'allow',
    ...{ highWaterMark: CHUNK },
  })
}

function names(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
