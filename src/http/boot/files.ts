import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import type { LocatedFile } from '../../images/locate.ts'
import type { LiveBoot, OpenDoor } from './door.ts'
import { tellFailure } from './fetch-failed.ts'
import { fileErrors, sendFile } from './send-file.ts'
import { requireBoot, touchByFetch } from './touch.ts'

interface TreeFile extends LocatedFile {
  /** By which the image has it. */
  readonly name: string
}

interface Params {
  readonly '*': string
  readonly name?: string
  readonly bootid?: string
}

/** What loaders and installers download: images, the trees of boots, iPXE itself. GET and HEAD, and nothing changes by either. */
export async function fileRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  const route = { method: ['GET', 'HEAD'], errorHandler: door.tally.counting(fileErrors) }

  app.route<{ Params: Params }>({
    ...route,
    url: '/images/*',
    handler: async (request, reply) => {
      const [name = '', ...rest] = request.params['*'].split('/')
      return sendFile(request, reply, await door.images.locate(name, rest.join('/')), door)
    },
  })

  app.route<{ Params: Params }>({
    ...route,
    url: '/b/:bootid/tree/*',
    handler: async (request, reply) => {
      const file = request.params['*']
      const live = await requireBoot(door, request.params.bootid)
      const found = await locateInTree(door, request, live, file)
      if (request.method === 'GET') {
        await touchByFetch(door, request, live, `fetches ${file}${fromByte(request)}`)
        door.installs.watch(request, reply, live, { file: found.name, isMade: false, size: found.size })
      }
      const standIn = found.size === 0 ? await emptyForBios(door, request, live) : undefined
      return standIn === undefined
        ? sendFile(request, reply, found, door)
        : reply.type('application/gzip').send(standIn)
    },
  })

  app.route<{ Params: Params }>({
    ...route,
    url: '/ipxe/*',
    handler: async (request, reply) => {
      // They are not in the images folder, which is all that nginx has.
      const sending = { ...door, accelRedirect: undefined }
      return sendFile(request, reply, await door.locateIpxe(request.params['*']), sending)
    },
  })
}

/**
 * Finds a file of the image that a boot installs: by its name as it stands, or as a loader may have taken it from a CD's directory, in
 * capitals and with a version.
 * @throws {ProvisionError} not-found, invalid
 */
async function locateInTree(door: OpenDoor, request: FastifyRequest, live: LiveBoot, file: string): Promise<TreeFile> {
  const { image } = live.boot
  if (image === undefined) throw new ProvisionError('not-found', 'this boot installs nothing')
  try {
    return await locateAnyCase(door, image, file)
  } catch (error) {
    await tellFailure(door, request, live, { file, error })
    throw error
  }
}

async function locateAnyCase(door: OpenDoor, image: string, file: string): Promise<TreeFile> {
  const plain = file.replace(/;\d+$/, '').toLowerCase()
  try {
    return { ...(await door.images.locate(image, file)), name: file }
  } catch (error) {
    if (plain === file || !(error instanceof ProvisionError) || error.kind !== 'not-found') throw error
    const found = await door.images.locate(image, plain).catch(() => Promise.reject(error))
    return { ...found, name: plain }
  }
}

/** What a BIOS loader, or SYSLINUX, gets in place of an empty file of this boot's image. */
async function emptyForBios(
  door: OpenDoor,
  request: FastifyRequest,
  { host, boot }: LiveBoot,
): Promise<Buffer | undefined> {
  const isBios = host.firmware?.platform === 'pcbios' || /^syslinux/i.test(request.headers['user-agent'] ?? '')
  const image = isBios && boot.image !== undefined ? (await door.findImages())(boot.image) : undefined
  return image === undefined ? undefined : door.kindOf(image).emptyForBios
}

function fromByte(request: FastifyRequest): string {
  const start = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
  return start === undefined || start === '0' ? '' : ` from byte ${start}`
}
