import type { FastifyRequest } from 'fastify'
import { bootUrls } from '../../core/boot-urls.ts'
import { type Decision, decide, describeDecision, type Gate } from '../../core/decide.ts'
import { ProvisionError } from '../../core/errors.ts'
import { expire, leaveBoot } from '../../core/greet.ts'
import { type Firmware, type Host, nameOf } from '../../core/host.ts'
import type { Mac } from '../../core/identity.ts'
import type { Image } from '../../core/image.ts'
import type { LocatedFile } from '../../images/locate.ts'
import type { BootFile, FirmwareBoot } from '../../kinds/kind.ts'
import type { Met } from '../../store/store.ts'
import { placeOf } from './base-url.ts'
import { makeFile } from './boot-files.ts'
import { hashOf, newBootid } from './bootid.ts'
import type { OpenDoor } from './door.ts'
import { tellFailure } from './fetch-failed.ts'
import { decided } from './gates.ts'
import { requireBoot } from './touch.ts'
import { meet } from './welcome.ts'

/** A loader that looks for its configuration fetches it twice: to see that it is there, and to have it. In ms. */
const AGAIN_MS = 10_000
const MOST = 5000

/** Who asks for a loader, or for what stands beside it. */
interface Asked {
  /** `undefined` when nobody knows. */
  readonly mac: Mac | undefined
  /** Whether the address said so; otherwise it is good for hosts that are known alone, as it may be a router's. */
  readonly isTold: boolean
  readonly file: string
}

interface Opened {
  readonly bootid: string
  readonly at: number
  /** Why it does not get an image; `undefined` when it does. */
  readonly leave: string | undefined
  /** The image that it gets. */
  readonly install: Image | undefined
  readonly met: Met
}

/** The boots of machines that come without iPXE: known by one network card, and answered in what their loader understands. */
export class FirmwareBoots {
  readonly #door: OpenDoor
  readonly #opened = new Map<Mac, Opened>()

  constructor(door: OpenDoor) {
    this.#door = door
  }

  /**
   * The loader for a machine. One that gets nothing to install gets no loader either: its firmware then goes on to the next entry of its boot
   * order, and so to its disk.
   * @throws {ProvisionError} not-found
   */
  async loaderFor(request: FastifyRequest, { mac, isTold, file }: Asked): Promise<LocatedFile> {
    const host = mac === undefined ? undefined : await this.#hostOf(mac)
    if (mac === undefined || (host === undefined && !isTold)) return this.#locate(await this.#newest(), file)
    const decision = host === undefined ? undefined : await this.#decide(request, { host, mac, file })
    if (decision?.kind === 'install') return this.#locate(decision.image, file)
    if (!(await this.#isLoader(file))) throw new ProvisionError('not-found', 'file not found')
    // It is seen, as those that run iPXE are. HEAD, which firmware sends first, changes nothing.
    const opened = request.method === 'GET' ? await this.#meet(request, mac, file) : undefined
    if (opened?.install !== undefined) return this.#locate(opened.install, file)
    throw new ProvisionError('not-found', opened?.leave ?? 'nothing is to be installed on this machine now')
  }

  /**
   * The configuration of a boot that is opened by this, or one with which the loader leaves again.
   * @throws {ProvisionError} not-found, when no image has a loader that would ask for this
   */
  async configFor(request: FastifyRequest, mac: Mac): Promise<BootFile> {
    const { leave: leaveBy } = this.#kindOf(await this.#newest())
    const { base } = placeOf(request, this.#door.baseUrl)
    const { bootid, leave, met } = (await this.#openedJustNow(mac)) ?? this.#keep(mac, await this.#meet(request, mac))
    if (leave !== undefined) return leaveBy(leave, base)
    const live = await requireBoot(this.#door, bootid)
    const urls = bootUrls(base, live.host.id, bootid)
    try {
      return await makeFile(this.#door, live, { name: 'boot.cfg', mac, urls })
    } catch (error) {
      if (!(error instanceof ProvisionError) || met.kind === 'conflict') throw error
      await tellFailure(this.#door, request, live, { file: 'boot.cfg', error })
      await this.#door.store.changeHost(live.host.id, this.#door.now(), (now) => ({
        host: leaveBoot(now, met),
        events: [],
      }))
      return leaveBy(`${nameOf(live.host)}: ${error.message}`, base)
    }
  }

  /** What it was told a moment ago, if that still holds. */
  async #openedJustNow(mac: Mac): Promise<Opened | undefined> {
    const opened = this.#opened.get(mac)
    if (opened === undefined || Math.abs(this.#door.now() - opened.at) > AGAIN_MS) return undefined
    const found = await this.#door.store.findBoot(hashOf(opened.bootid))
    // The host was deleted, perhaps.
    if (found === undefined) return undefined
    const { host, boot } = found
    const isSame = host.revision === boot.revision && boot.progressedAt === undefined && boot.number >= host.progress
    // A boot of which no configuration could be made left its host as it was, and could not end an install any more.
    const canInstall = boot.image === undefined || host.state === 'installing'
    return isSame && canInstall ? opened : undefined
  }

  /** @param file the loader that it asks for; `undefined` when it has one */
  async #meet(request: FastifyRequest, mac: Mac, file?: string): Promise<Opened> {
    const identity = { macs: [mac], serial: undefined, uuid: undefined }
    const at = this.#door.now()
    const { bootid, met } = await meet(this.#door, request, placeOf(request, this.#door.baseUrl), {
      identity,
      gate: this.#gate(file),
      sightingFor: ([known]) => ({ identity, firmware: firmwareOf(known), address: request.ip, at }),
    })
    return { bootid, at, leave: leaveText(met), install: imageOf(met), met }
  }

  /** Remembers a boot for as long as its loader may ask once more. */
  #keep(mac: Mac, opened: Opened): Opened {
    this.#opened.delete(mac)
    this.#opened.set(mac, opened)
    // The oldest come first. Each holds its host, with all that is known of it.
    for (const [other, { at }] of this.#opened) {
      if (this.#opened.size <= MOST && Math.abs(opened.at - at) <= AGAIN_MS) break
      this.#opened.delete(other)
    }
    return opened
  }

  /** What it would be told, without opening a boot. */
  async #decide(
    request: FastifyRequest,
    { host, mac, file }: { host: Host; mac: Mac; file: string },
  ): Promise<Decision> {
    const at = this.#door.now()
    const seen = { ...expire({ host, events: [] }, at).host, firmware: firmwareOf(host) }
    const urls = () => bootUrls(placeOf(request, this.#door.baseUrl).base, host.id, newBootid())
    const findImage = await this.#door.findImages()
    const own = this.#gate(file)
    return decided(this.#door, { urls, mac, since: at, begins: false }, (gate) =>
      decide(seen, findImage, (...asked) => own(...asked) ?? gate(...asked)),
    )
  }

  /** Images that firmware cannot start by itself are for machines that run iPXE. */
  #gate(file: string | undefined): Gate {
    return (_host, image) => {
      const { firmwareBoot } = this.#door.kindOf(image)
      if (firmwareBoot === undefined) {
        return { kind: 'hold', reason: `${image.name} needs iPXE; this machine came by its firmware's HTTP boot` }
      }
      const role = file === undefined ? undefined : firmwareBoot.loaders[file]
      if (role === undefined || image.parts[role] !== undefined) return undefined
      return { kind: 'hold', reason: `${image.name} has no ${file}` }
    }
  }

  async #hostOf(mac: Mac): Promise<Host | undefined> {
    const found = await this.#door.store.findHosts(mac)
    return found.find(({ macs }) => macs.includes(mac))
  }

  /** @throws {ProvisionError} not-found */
  async #newest(): Promise<Image> {
    const { list } = await this.#door.images.snapshot()
    const images = list.flatMap(({ image }) =>
      image !== undefined && this.#door.kindOf(image).firmwareBoot ? [image] : [],
    )
    const [first] = images
    const newest = first && this.#kindOf(first).newest(images.filter(({ kind }) => kind === first.kind))
    if (newest === undefined) throw new ProvisionError('not-found', 'there is no image that firmware could start')
    return newest
  }

  async #isLoader(file: string): Promise<boolean> {
    return Object.hasOwn(this.#kindOf(await this.#newest()).loaders, file)
  }

  /** @throws {ProvisionError} not-found */
  #kindOf(image: Image): FirmwareBoot {
    const { firmwareBoot } = this.#door.kindOf(image)
    if (firmwareBoot === undefined) throw new ProvisionError('not-found', 'file not found')
    return firmwareBoot
  }

  /** @throws {ProvisionError} not-found */
  async #locate(image: Image, file: string): Promise<LocatedFile> {
    const { loaders, beside } = this.#kindOf(image)
    const roles = { ...beside, ...loaders }
    const role = Object.hasOwn(roles, file) ? roles[file] : undefined
    const [path] = (role === undefined ? undefined : image.parts[role]) ?? []
    if (path === undefined) throw new ProvisionError('not-found', 'file not found')
    return this.#door.images.locate(image.name, path)
  }
}

/** Without iPXE nobody tells the machine's maker and processor: what is known of them stays. */
function firmwareOf(known: Host | undefined): Firmware {
  const { platform, arch = '', manufacturer = '', product = '' } = known?.firmware ?? {}
  return { platform: 'efi', arch: platform === 'efi' ? arch : '', manufacturer, product, ipxe: '' }
}

function imageOf(met: Met): Image | undefined {
  return met.kind === 'met' && met.decision.kind === 'install' ? met.decision.image : undefined
}

function leaveText(met: Met): string | undefined {
  if (met.kind === 'conflict') return met.why
  return met.decision.kind === 'install' ? undefined : `${nameOf(met.host)} ${describeDecision(met.decision)}`
}
