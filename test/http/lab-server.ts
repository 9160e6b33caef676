import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import Database from 'better-sqlite3'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { buildBootDoor } from '../../src/boot-door.ts'
import { databaseFile, makeStore } from '../../src/commands/open-store.ts'
import { plannable } from '../../src/commands/plannable.ts'
import type { Workshop } from '../../src/commands/workshop.ts'
import { assign } from '../../src/core/edit.ts'
import type { HostEvent } from '../../src/core/event.ts'
import type { HeardFrom } from '../../src/core/heard-from.ts'
import type { Host } from '../../src/core/host.ts'
import type { Mac } from '../../src/core/identity.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { Tally } from '../../src/http/boot/tally.ts'
import { FileCache } from '../../src/images/file-cache.ts'
import { openImageLibrary } from '../../src/images/library.ts'
import { locateFile } from '../../src/images/locate.ts'
import type { Kind } from '../../src/kinds/kind.ts'
import { kindOf, recogniseImage } from '../../src/kinds/kinds.ts'
import { hideHostSecrets } from '../../src/kinds/settings.ts'
import { PACKAGE_TEMPLATES } from '../../src/package.ts'
import { openTemplates } from '../../src/render/templates.ts'
import type { Store } from '../../src/store/store.ts'

/** A boot door as `serve` builds it, over folders of its own, with the clock in the test's hand. */
export interface LabServer {
  readonly app: FastifyInstance
  readonly store: Store
  /** What commands are given by the same server. */
  readonly workshop: Workshop
  readonly folder: string
  readonly cache: FileCache | undefined
  /** What is counted at the boot door. */
  readonly tally: Tally
  /** What was logged, line by line. */
  readonly log: readonly LogLine[]
  get(url: string, headers?: InjectOptions['headers']): Promise<LightMyRequestResponse>
  head(url: string, headers?: InjectOptions['headers']): Promise<LightMyRequestResponse>
  /** Sends a form, or a body of any other type. */
  post(url: string, body?: string | Buffer, type?: string): Promise<LightMyRequestResponse>
  /** A machine asks `/bootstrap`. */
  boot(query: string): Promise<Boot>
  assign(id: number, plan: string): Promise<Host>
  host(id: number): Promise<Host>
  events(id: number): Promise<readonly HostEvent[]>
  /** Writes a file below the folder: `images/demo/vmlinuz`. */
  put(file: string, content?: string | Buffer): Promise<string>
  /** Lets time pass, so that changed images and templates are looked at again. */
  later(ms?: number): void
  /** The clock. */
  now(): number
  /** Every row of every table. */
  dump(): string
  /** The rows that a statement finds. */
  rows(sql: string): readonly unknown[]
  listen(host?: string): Promise<number>
  /** The same folder, served anew: what the server had in memory alone is gone. */
  again(): Promise<LabServer>
}

export type LogLine = Readonly<Record<string, unknown>>

/** What a machine was told. */
export interface Boot {
  readonly script: string
  /** The key of the boot, out of the script; empty when there is none in it. */
  readonly id: string
}

export interface LabSettings {
  readonly discover?: boolean
  readonly baseUrl?: string
  readonly maxInstalls?: number
  /** How many bytes of files may be kept in memory; none by default. */
  readonly cache?: number
  /** Where nginx has the images folder. */
  readonly accelRedirect?: string
  /** All by default; a long run keeps no more than it looks at. */
  readonly logLevel?: string
  /** A kind of image beside those that there are. */
  readonly kind?: Kind
  /** A folder that another one serves, and what time it is there. */
  readonly after?: { readonly folder: string; readonly clock: number }
  /** The cards behind addresses, as the system would know them. */
  readonly cards?: { readonly [address: string]: Mac }
  /** Is told who is heard from where; machines are told to send their consoles, too. */
  readonly heard?: HeardFrom
  /** What looking for images throws: a bug. */
  readonly bug?: Error
}

const TYPE = 'application/x-www-form-urlencoded'

export async function labServer(t: Pick<TestContext, 'after'>, settings: LabSettings = {}): Promise<LabServer> {
  const folder = settings.after?.folder ?? (await mkdtemp(join(tmpdir(), 'metalspray-http-')))
  const [images, templates, ipxe] = [join(folder, 'images'), join(folder, 'templates'), join(folder, 'ipxe')]
  for (const path of [images, templates, ipxe]) await mkdir(path, { recursive: true })
  const store = makeStore(join(folder, 'data'))
  let clock = settings.after?.clock ?? Date.UTC(2026, 0, 1)
  const now = () => clock
  const set = openTemplates({ operator: templates, builtin: PACKAGE_TEMPLATES, images, hide: hideHostSecrets, now })
  const { kind } = settings
  const library = openImageLibrary(
    images,
    async (tree, own) => {
      const recognised = await kind?.recognise(tree, own)
      return recognised === undefined ? recogniseImage(tree, own) : { kind: kind?.name ?? '', ...recognised }
    },
    now,
  )
  const log: LogLine[] = []
  const { discover = false, baseUrl, maxInstalls } = settings
  const cache = settings.cache === undefined ? undefined : new FileCache(settings.cache)
  const tally = new Tally()
  const app = await buildBootDoor(
    {
      cache,
      accelRedirect: settings.accelRedirect,
      ...{ store, templates: set, images: library, baseUrl, discover, maxInstalls, tally, now },
      findImages: settings.bug === undefined ? plannable(library, set) : () => Promise.reject(settings.bug),
      kindOf: (image) => (kind?.name === image.kind ? kind : kindOf(image)),
      cardOf: async (address) => settings.cards?.[address],
      heard: settings.heard,
      tellsSyslog: settings.heard !== undefined,
      locateIpxe: (file) => locateFile({ directory: ipxe, root: ipxe }, file),
    },
    pino({ level: settings.logLevel ?? 'trace' }, linesInto(log)),
  )
  const reader = new Database(databaseFile(join(folder, 'data')), { readonly: true })
  t.after(async () => {
    await app.close()
    reader.close()
    await store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
    // Holds for every test there is: a bootid is a key, and logs are read by many.
    const leak = log.find((line) => /[0-9a-f]{32}/i.test(JSON.stringify(line)))
    assert.equal(leak, undefined, 'a line of the log holds what looks like a bootid')
  })

  const server: LabServer = {
    tally,
    ...{ app, store, folder, cache, log },
    workshop: { store, templates: set, images: library, base: baseUrl, kindOf },
    get: (url, headers = {}) => app.inject({ url, headers }),
    head: (url, headers = {}) => app.inject({ method: 'HEAD', url, headers }),
    post: (url, body = '', type = TYPE) =>
      app.inject({ method: 'POST', url, payload: body, headers: { 'content-type': type } }),
    boot: async (query) => {
      const { statusCode, body } = await server.get(`/bootstrap?${query}`)
      assert.equal(statusCode, 200, body)
      assert.match(body, /^#!ipxe\n/)
      return { script: body, id: /[0-9a-f]{32}/.exec(body)?.[0] ?? '' }
    },
    assign: (id, plan) => store.changeHost(id, clock, (host) => assign(host, parsePlan(plan))),
    host: async (id) => {
      const host = await store.findHost(id)
      assert.ok(host, `there is no host ${id}`)
      return host
    },
    events: (host) => store.listEvents({ host }),
    put: async (file, content = `content of ${file}\n`) => {
      const path = join(folder, file)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
      return path
    },
    later: (ms = 5000) => {
      clock += ms
    },
    now,
    dump: () => dump(reader),
    rows: (sql) => reader.prepare(sql).all(),
    listen: async (host = '127.0.0.1') => {
      await app.listen({ host, port: 0 })
      return (app.server.address() as AddressInfo).port
    },
    again: async () => {
      await app.close()
      await store[Symbol.asyncDispose]()
      return labServer(t, { ...settings, after: { folder, clock } })
    },
  }
  return server
}

/** Puts an image there that Linux's kind recognises. */
export async function putLinux(server: LabServer, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await server.put(`images/${name}/vmlinuz`, `kernel of ${name}`)
    await server.put(`images/${name}/initrd`, `initrd of ${name}`)
  }
  server.later()
}

/** A host that is known, has a plan and was told to install its first image. */
export async function installing(server: LabServer, plan = 'demo'): Promise<Boot> {
  await putLinux(server, ...parsePlan(plan).images)
  await server.boot(MACHINE)
  await server.assign(1, plan)
  return server.boot(MACHINE)
}

/** What the machine of most tests says of itself. */
export const MACHINE = 'net0=52:54:00:00:00:01&serial=SER-1&uuid=5d0b0dc2-1111-4222-8333-444455556666'

function linesInto(log: LogLine[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) log.push(JSON.parse(line) as LogLine)
      done()
    },
  })
}

function dump(reader: Database.Database): string {
  const tables = ['hosts', 'host_macs', 'boots', 'events']
  return JSON.stringify(
    tables.map((table) => [table, reader.prepare(`SELECT * FROM ${table}`).all()]),
    null,
    1,
  )
}
