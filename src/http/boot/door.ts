import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Boot } from '../../core/boot.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { HeardFrom } from '../../core/heard-from.ts'
import type { Host } from '../../core/host.ts'
import type { Mac } from '../../core/identity.ts'
import type { FindImage, Image } from '../../core/image.ts'
import type { Soon } from '../../core/soon.ts'
import type { ImageLibrary } from '../../images/library.ts'
import type { LocatedFile } from '../../images/locate.ts'
import type { Kind } from '../../kinds/kind.ts'
import type { TemplateSet } from '../../render/templates.ts'
import type { Store } from '../../store/store.ts'
import { Admission } from './admission.ts'
import { readBodies } from './bodies.ts'
import { bootFileRoutes } from './boot-files.ts'
import { bootstrapRoutes } from './bootstrap.ts'
import { callbackRoutes } from './callbacks.ts'
import { fileRoutes } from './files.ts'
import { Installs } from './installs.ts'
import { Keeper } from './keeper.ts'
import { legacyRoutes } from './legacy.ts'
import { Loops } from './loops.ts'
import { Obstacles } from './obstacles.ts'
import { queueRoutes } from './queue.ts'
import type { Sending } from './send-file.ts'
import { stageRoutes } from './stages.ts'
import type { Tally } from './tally.ts'
import { sendLine, textErrors } from './text-errors.ts'
import { Told } from './told.ts'
import { uefiRoutes } from './uefi.ts'

/** What the routes of the boot door stand on. */
export interface BootDoor extends Sending {
  readonly store: Store
  readonly templates: TemplateSet
  readonly images: ImageLibrary
  /** The images that a plan may name, those made of a template alone among them. */
  findImages(): Soon<FindImage>
  /** The kind that an image was recognised as. */
  kindOf(image: Image): Kind
  /** Finds one of iPXE's boot files. @throws {ProvisionError} not-found */
  locateIpxe(file: string): Promise<LocatedFile>
  /** The network card that an address on a network of this machine belongs to just now, as far as the system knows. */
  cardOf(address: string): Promise<Mac | undefined>
  /** Is told from which address each host is heard. */
  readonly heard?: HeardFrom | undefined
  /** Whether machines are to send what their consoles say to the address of this door, by syslog. */
  readonly tellsSyslog?: boolean
  readonly baseUrl: string | undefined
  /** Counts what goes through the door. */
  readonly tally: Tally
  readonly discover: boolean
  /** So many hosts may install at once. */
  readonly maxInstalls: number | undefined
  /** The time in ms since 1970. */
  now(): number
}

/** The boot door with what it remembers while it is open. */
export interface OpenDoor extends BootDoor {
  readonly obstacles: Obstacles
  readonly told: Told
  readonly installs: Installs
  readonly admission: Admission
  readonly loops: Loops
  readonly keeper: Keeper
}

/** A boot that was found by its bootid. */
export interface LiveBoot {
  readonly host: Host
  readonly boot: Boot
  readonly hash: string
}

const NOT_FOUND = new ProvisionError('not-found', 'file not found')

/** All that machines reach. Errors here are one line of text, for a console or a script's log. */
export async function bootRoutes(app: FastifyInstance, settings: BootDoor): Promise<void> {
  const told = new Told()
  const installs = new Installs({ ...settings, told })
  const obstacles = new Obstacles(settings)
  const admission = new Admission(settings)
  const keeper = new Keeper(settings)
  const door: OpenDoor = { ...settings, obstacles, admission, told, installs, loops: new Loops(settings), keeper }
  app.addHook('onClose', async () => {
    installs.close()
    await keeper.close()
  })
  await readBodies(app)
  await app.register(fastifyStatic, { root: '/', serve: false })

  settings.tally.countBytes(app.server)
  const errors = settings.tally.counting(textErrors)
  app.setErrorHandler(errors)
  app.setNotFoundHandler((request, reply) => errors(NOT_FOUND, request, reply))

  const taken = new Map<string, readonly string[]>()
  app.addHook('onRoute', ({ url, method }) => {
    taken.set(url, [...(taken.get(url) ?? []), ...[method].flat()])
  })
  await app.register(bootstrapRoutes, door)
  await app.register(callbackRoutes, door)
  await app.register(legacyRoutes, door)
  await app.register(fileRoutes, door)
  await app.register(stageRoutes, door)
  await app.register(queueRoutes, door)
  await app.register(bootFileRoutes, door)
  await app.register(uefiRoutes, door)

  // An address that is there, asked in a way it does not know, is told from one that is not there.
  for (const [url, methods] of [...taken]) {
    app.route({
      method: app.supportedMethods.filter((method) => !methods.includes(method)),
      url,
      handler: async (request, reply) => {
        reply.header('allow', methods.join(', '))
        return sendLine(reply, 405, `${request.method} is not for this address`)
      },
    })
  }
}
