import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InstallStage, SentFile } from '../../core/install-progress.ts'
import type { BootDoor, LiveBoot } from './door.ts'
import { fetchFailed } from './fetch-failed.ts'
import { Flights } from './flights.ts'
import { type FetchedFile, LiveInstall } from './live-install.ts'
import type { Told } from './told.ts'

/** How often the progress of an install is written while nothing but its counts change, in ms. */
const SAVE_MS = 3000
/** So many installs are kept in memory; one that is pushed out goes on from what was written of it. */
const MOST = 5000
/** A client that has seen the size of a file and wants no more of it is gone by then, in ms. */
const PROBE_MS = 1000

/** A file that is on its way to a machine. */
export interface Sent {
  readonly file: string
  readonly isMade: boolean
  readonly size: number
}

interface Pending {
  settle(): void
  readonly at: number
}

/**
 * Watches what machines fetch in their boots: counts what arrived whole, in memory, and writes how far they are at the end of each
 * stage and every few seconds.
 */
export class Installs {
  readonly #door: BootDoor & { readonly told: Told }
  readonly #live = new Map<number, Promise<LiveInstall>>()
  readonly #later = new Map<number, NodeJS.Timeout>()
  readonly #pending = new WeakMap<Socket, Pending | undefined>()
  readonly #flights: Flights

  constructor(door: BootDoor & { readonly told: Told }) {
    this.#door = door
    this.#flights = new Flights(door.now)
  }

  /** The install of a boot that has an image. */
  of({ host, boot }: LiveBoot): Promise<LiveInstall> {
    const known = this.#live.get(boot.number)
    if (known !== undefined) return known
    const opened = this.#open(host.id, boot)
    this.#live.set(boot.number, opened)
    opened.catch(() => this.#live.delete(boot.number))
    const [oldest] = this.#live.keys()
    if (this.#live.size > MOST && oldest !== undefined) this.#live.delete(oldest)
    return opened
  }

  /** Notes that an install has come to a stage, by what its machine told. */
  async enter(live: LiveBoot, stage: InstallStage): Promise<void> {
    if (live.boot.image === undefined) return
    const install = await this.of(live)
    const ended = install.enter(stage, this.#door.now())
    await this.#note(live, install, ended, true)
  }

  /** Watches a file go out, by the answer that carries it. */
  watch(request: FastifyRequest, reply: FastifyReply, live: LiveBoot, sent: Sent): void {
    if (request.method !== 'GET') return
    this.#door.heard?.note(request.ip, { host: live.host.id, boot: live.boot.number })
    const { socket } = request.raw
    this.#pending.get(socket)?.settle()
    const guarded = (work: Promise<void>) =>
      void work.catch((error: unknown) => request.log.warn({ err: error }, 'the progress of an install is not noted'))
    let isSent = false
    const land = this.#flights.start({
      socket,
      size: sent.size,
      onMore: (bytes) => {
        const isWhole = reply.statusCode === 200
        if (isWhole) guarded(this.#sending(live, { name: sent.file, size: sent.size, bytes }, () => isSent))
      },
    })
    reply.raw.once('finish', () => {
      isSent = true
      const fetched = fetchedBy(reply, sent)
      if (fetched === undefined) return
      if (!opensTwice(request)) guarded(this.#arrived(live, fetched))
      else this.#afterwards(socket, () => guarded(this.#arrived(live, fetched)))
    })
    reply.raw.once('close', () => {
      land()
      if (!isSent) guarded(this.#cut(live, sent.file, opensTwice(request)))
    })
  }

  async #open(hostId: number, boot: LiveBoot['boot']): Promise<LiveInstall> {
    const image = boot.image === undefined ? undefined : (await this.#door.findImages())(boot.image)
    const kind = image === undefined ? undefined : this.#door.kindOf(image)
    const stored = boot.progressedAt === undefined ? undefined : await this.#door.store.findInstall(hostId)
    const before = stored?.boot === boot.number ? stored.progress : undefined
    return new LiveInstall({ image, kind, before, openedAt: boot.openedAt, at: this.#door.now() })
  }

  /** Writes how far a file is, unless it has arrived in the meantime. */
  async #sending(live: LiveBoot, file: SentFile, hasArrived: () => boolean): Promise<void> {
    const install = await this.of(live)
    if (hasArrived()) return
    install.sending(file, this.#door.now())
    await this.#save(live, install)
  }

  async #arrived(live: LiveBoot, fetched: FetchedFile): Promise<void> {
    const install = await this.of(live)
    install.sent(fetched.file)
    const { stage } = install.progress
    const ended = install.arrive(fetched, this.#door.now())
    await this.#note(live, install, ended, install.progress.stage !== stage)
  }

  async #note(live: LiveBoot, install: LiveInstall, ended: readonly string[], isNewStage: boolean): Promise<void> {
    const { store } = this.#door
    const { host, boot } = live
    const at = this.#door.now()
    const events = ended.map((text) => store.addEvent(host.id, boot.number, at, { type: 'progress', text }))
    const isDue = isNewStage || ended.length > 0 || at - install.savedAt >= SAVE_MS
    if (isDue) await Promise.all([...events, this.#save(live, install)])
    else this.#saveLater(live, install)
  }

  async #save({ host, boot }: LiveBoot, install: LiveInstall): Promise<void> {
    if (boot.image === undefined) return
    install.savedAt = this.#door.now()
    const { progress } = install
    const written = { hostId: host.id, boot: boot.number, image: boot.image, progress }
    await this.#door.store.saveInstall(written, install.takeLeft())
  }

  /** A machine that stops in the midst of a stage: what it got last is written, too. */
  #saveLater(live: LiveBoot, install: LiveInstall): void {
    const { number } = live.boot
    if (this.#later.has(number)) return
    const timer = setTimeout(() => {
      this.#later.delete(number)
      // What cannot be written now is written with the next file.
      this.#save(live, install).catch(() => {})
    }, SAVE_MS)
    timer.unref()
    this.#later.set(number, timer)
  }

  /** Forgets what is still to be written. */
  close(): void {
    this.#flights.close()
    for (const timer of this.#later.values()) clearTimeout(timer)
    this.#later.clear()
  }

  /**
   * Since version 2 iPXE opens every file twice: to see its size, and to have it. A small file is all on its way by the time it hangs up
   * the first time. So what it was sent counts when it asks for more on the same connection, or stays on it for a while.
   */
  #afterwards(socket: Socket, settle: () => void): void {
    if (!this.#pending.has(socket)) {
      socket.once('close', () => {
        const last = this.#pending.get(socket)
        if (last !== undefined && this.#door.now() - last.at >= PROBE_MS) last.settle()
      })
    }
    this.#pending.set(socket, {
      at: this.#door.now(),
      settle: () => {
        this.#pending.set(socket, undefined)
        settle()
      },
    })
  }

  async #cut(live: LiveBoot, file: string, isProbe: boolean): Promise<void> {
    const install = await this.of(live)
    install.sent(file)
    const isFirst = !install.brokenOff.has(file)
    install.brokenOff.add(file)
    if (isProbe && isFirst) return
    await fetchFailed(this.#door, live, file, 'the connection was cut in the midst of it')
  }
}

/** What a client has by an answer that was sent to its end. */
function fetchedBy(reply: FastifyReply, { file, isMade, size }: Sent): FetchedFile | undefined {
  if (reply.statusCode === 200) return { file, isMade, bytes: size, hasEnd: true }
  const range = /^bytes (\d+)-(\d+)\//.exec(String(reply.getHeader('content-range') ?? ''))
  if (reply.statusCode !== 206 || range === null) return undefined
  const [first, last] = [Number(range[1]), Number(range[2])]
  return { file, isMade, bytes: last - first + 1, hasEnd: last === size - 1 }
}

function opensTwice(request: FastifyRequest): boolean {
  const [, version = '0'] = /^iPXE\/(\d+)\./.exec(request.headers['user-agent'] ?? '') ?? []
  return Number(version) >= 2
}
