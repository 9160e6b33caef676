import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import type { BootDoor } from './door.ts'
import { fileErrors, sendFile } from './send-file.ts'
import { requireBoot, touchBoot } from './touch.ts'

interface Params {
  readonly '*': string
  readonly name?: string
  readonly bootid?: string
}

/** What loaders and installers download: images, the trees of boots, iPXE itself. GET and HEAD, and nothing changes by either. */
export async function fileRoutes(app: FastifyInstance, door: BootDoor): Promise<void> {
  const route = { method: ['GET', 'HEAD'], errorHandler: fileErrors }

  app.route<{ Params: Params }>({
    ...route,
    url: '/images/*',
    handler: async (request, reply) => {
      const [name = '', ...rest] = request.params['*'].split('/')
      return sendFile(request, reply, await door.images.locate(name, rest.join('/')))
    },
  })

  app.route<{ Params: Params }>({
    ...route,
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
    ...route,
    url: '/ipxe/*',
    handler: async (request, reply) => sendFile(request, reply, await door.locateIpxe(request.params['*'])),
  })
}

function fromByte(request: FastifyRequest): string {
  const start = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
  return start === undefined || start === '0' ? '' : ` from byte ${start}`
}
