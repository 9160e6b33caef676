import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type AdminReach, prepareAccess, renewTls } from './admin-access.ts'
import { buildAdminDoor } from './admin-door.ts'
import { buildBootDoor } from './boot-door.ts'
import { openLive } from './commands/open-live.ts'
import { makeStore } from './commands/open-store.ts'
import { plannable } from './commands/plannable.ts'
import { InstallWatch } from './commands/watch-installs.ts'
import { ProvisionError } from './core/errors.ts'
import { HeardFrom } from './core/heard-from.ts'
import { checkDhcp, type DhcpSettings, dhcpBeside, startDhcp } from './dhcp.ts'
import { findIpxe, makeTftpRoot } from './dnsmasq/ipxe-files.ts'
import { openDoctor } from './doctor.ts'
import { Tally } from './http/boot/tally.ts'
import { FileCache } from './images/file-cache.ts'
import { openImageLibrary } from './images/library.ts'
import { locateFile } from './images/locate.ts'
import { sweepStaging } from './images/staging.ts'
import { kindOf, recogniseImage } from './kinds/kinds.ts'
import { hideHostSecrets } from './kinds/settings.ts'
import { createLogger, type Logger } from './log.ts'
import { cardOf } from './neighbours.ts'
import { PACKAGE_TEMPLATES, version } from './package.ts'
import { Pages } from './render/html.ts'
import { openTemplates } from './render/templates.ts'
import type { SyslogAddress } from './syslog/receiver.ts'
import { startSyslog } from './syslog.ts'
import { LEASE, startWatchdog } from './watchdog.ts'
import { startWebhooks } from './webhooks.ts'

/** All that a serving process is told. Paths are absolute; the CLI made them so. */
export interface ServeSettings {
  /** The boot door: what machines on the lab network reach. */
  readonly host: string
  readonly port: number
  /** The admin door: what people reach. */
  readonly adminHost: string
  readonly adminPort: number
  /** Who gets in there, and how. */
  readonly admin: AdminReach
  readonly data: string
  readonly images: string
  /** The operator's own templates, looked at before those that come with metalspray. */
  readonly templates: string | undefined
  /** The address that machines are told, when it is not the one by which they reached the server. */
  readonly baseUrl: string | undefined
  /** New machines get the plan `discover,new`. */
  readonly discover: boolean
  /** So many hosts may install at once; `undefined` for no limit. */
  readonly maxInstalls: number | undefined
  /** Runs dnsmasq beside the server. */
  readonly dhcp: DhcpSettings | undefined
  /** How many bytes of files that many machines fetch are kept in memory; 0 for none. */
  readonly cache: number
  /** Where nginx, in front of this server, has the images folder for itself, as `/internal/`; it sends their files then. */
  readonly accelRedirect: string | undefined
  /** A folder with iPXE's boot files, looked at before Debian's. */
  readonly ipxe: string | undefined
  /** The directories of `PATH`, where dnsmasq is looked for. */
  readonly path: string
  /** Where syslog of machines is received; `undefined` for nowhere. */
  readonly syslog: SyslogAddress | undefined
  /** Looks for installs that come no further. */
  readonly watchdog: boolean
  readonly logLevel: string
}

/** iPXE sends to this port alone. */
const IPXE_SYSLOG = 514

/** How long running downloads may take to end when the server is told to stop, in ms. */
const GRACE = 30_000

/** Has something done whenever somebody asks the server to read again what it reads from files only once. */
export type OnReload = (reload: () => void) => void

/** Serves until the signal fires, then lets running downloads end. @throws {ProvisionError} when it cannot start */
export async function serve(settings: ServeSettings, signal: AbortSignal, onReload: OnReload): Promise<void> {
  const log = createLogger(settings.logLevel)
  const now = Date.now
  await makeFolder(settings.images)
  await sweepImages(settings.images, log)
  await using store = makeStore(settings.data)
  using live = openLive(store, now, (error) => log.warn(`events cannot be followed now: ${textOf(error)}`))
  const templates = openTemplates({
    operator: settings.templates,
    builtin: PACKAGE_TEMPLATES,
    images: settings.images,
    hide: hideHostSecrets,
    now,
  })
  const images = openImageLibrary(settings.images, recogniseImage)
  const findImages = plannable(images, templates)
  for (const fault of templates.checkAll()) log.warn(`template error: ${fault.message}`)
  if (settings.discover && (await findImages())('discover') === undefined) {
    log.warn('--discover gives new machines the image discover, which is not there yet')
  }
  const access = await prepareAccess(settings, { store, log, now })

  const tftp = makeTftpRoot(join(settings.data, 'ipxe'), findIpxe(settings.ipxe))
  const locateIpxe = (file: string) => locateFile({ directory: tftp.directory, root: tftp.directory }, file)
  const { baseUrl, discover, maxInstalls, accelRedirect } = settings
  const cache = openCache(settings.cache)
  const tally = new Tally()
  const heard = new HeardFrom()
  const boot = await buildBootDoor(
    {
      ...{ store, templates, images, findImages, kindOf, locateIpxe, cardOf },
      ...{ cache, accelRedirect, baseUrl, discover, maxInstalls, tally, now },
      heard: settings.syslog && heard,
      tellsSyslog: settings.syslog?.port === IPXE_SYSLOG,
    },
    log,
  )
  const troubles = new Set<string>()
  const status = { cache, version: version(), troubles: () => [...troubles] }
  const admin: FastifyInstance = await buildAdminDoor({
    health: { store, ...status },
    access,
    logger: log,
    makeApp: async (gate) => {
      const { buildAdminApp } = await import('./admin-app.ts')
      const door = {
        workshop: { store, images, templates, base: baseUrl, kindOf },
        folders: settings,
        pages: new Pages(PACKAGE_TEMPLATES, now),
        dhcp: settings.dhcp && dhcpBeside(settings.dhcp, settings.data),
        doctor: openDoctor(
          () => ({ ...settings, port: portOf(boot), adminPort: portOf(admin), adminCert: settings.admin.tls?.cert }),
          signal,
        ),
        ...{ live, tally, maxInstalls, discover, now, ...status },
      }
      return await buildAdminApp(door, gate, log)
    },
  })
  try {
    log.info(`metalspray ${version()}`)
    log.info(`cache of ${settings.cache / 1e6} MB for files that many machines fetch`)
    const { tls } = settings.admin
    if (tls !== undefined) onReload(() => void renewTls(admin, tls, log))
    if (settings.dhcp !== undefined) await checkDhcp(settings.dhcp, { ...settings, tftp, log })
    await listen(boot, 'boot door', { host: settings.host, port: settings.port })
    await listen(admin, 'admin door', { host: settings.adminHost, port: settings.adminPort })
    await using _syslog = settings.syslog && (await startSyslog(settings.syslog, { store, heard, now, log }))
    const cards = () => store.listCardsWithoutIpxe()
    await using _dhcp =
      settings.dhcp &&
      (await startDhcp(settings.dhcp, { ...settings, bootPort: portOf(boot), tftp, cards, log, troubles }))
    const lease = { holder: randomUUID(), length: LEASE }
    await using _watchdog = settings.watchdog
      ? startWatchdog(new InstallWatch({ store, findImages, kindOf, lease, now }), log)
      : undefined
    await using _webhooks = startWebhooks({ store, events: live.events, log, agent: `metalspray/${version()}`, now })
    if (!signal.aborted) await once(signal, 'abort')
    log.info('stopping: running downloads may end')
  } finally {
    await closeDoors([boot, admin], log)
  }
}

/** @param bytes how many may be kept; 0 for no cache */
function openCache(bytes: number): FileCache | undefined {
  return bytes === 0 ? undefined : new FileCache(bytes)
}

/** The port that was really taken, when any would do. */
function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new ProvisionError('unavailable', `cannot make the folder ${folder}: ${textOf(error)}`, { cause: error })
  }
}

/** An image that was being replaced when the machine went down is put back before anybody asks for it. */
async function sweepImages(folder: string, log: Logger): Promise<void> {
  try {
    for (const name of await sweepStaging(folder, Date.now()))
      log.info(`unfinished work on the image ${name} is cleared away`)
  } catch (error) {
    log.warn(`unfinished work on images is not cleared away: ${textOf(error)}`) // of which serving needs nothing
  }
}

/** @throws {ProvisionError} unavailable, when the address is taken or not of this machine */
async function listen(
  app: FastifyInstance,
  name: string,
  at: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    await app.listen({ ...at, backlog: 1024, listenTextResolver: (address) => `${name} on ${address}` })
  } catch (error) {
    throw new ProvisionError('unavailable', `cannot listen on ${at.host}:${at.port}: ${textOf(error)}`, {
      cause: error,
    })
  }
}

/** Closes the doors to new requests at once; what is being sent may end, within bounds. */
async function closeDoors(doors: readonly FastifyInstance[], log: Logger): Promise<void> {
  const force = setTimeout(() => {
    log.warn(`downloads that still ran after ${GRACE / 1000} s were cut`)
    for (const door of doors) door.server.closeAllConnections()
  }, GRACE)
  await Promise.all(doors.map((door) => door.close()))
  clearTimeout(force)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
