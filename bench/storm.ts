import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { makeStore } from '../src/commands/open-store.ts'
import { newHost } from '../src/core/host.ts'
import { parseMac } from '../src/core/identity.ts'
import type { Child } from './child.ts'
import { startNginx } from './nginx.ts'
import { ROOT, startServer } from './server.ts'
import type { Fetch, Storm, Weather } from './storm-client.ts'
import { makeTree } from './storm-tree.ts'
import { formatTable, machine, median } from './table.ts'

const USAGE = `Measures many machines that load ESXi at once, beside nginx with sendfile, in turns.

  node bench/storm.ts [--machines 1,16,64,256] [--megabytes 600] [--gigabytes 16] [--rounds 3]
                      [--threads 2] [--plain] [--json] [-- OPTIONS OF serve]

Each machine fetches the whole tree of so many megabytes, file after file over one connection; few machines do so
again and again until a run has moved so many gigabytes. The machines live in so many threads. --plain: they fetch below /images/, where\nnobody notes how far they are.`

const IMAGE = 'storm'
const MB = 1 << 20
const GB = 1 << 30

/** What one run saw of one server. */
interface Measured {
  /** MB a second. */
  readonly rate: number
  /** CPU time in seconds for one GB. */
  readonly cpu: number
  /** Of small files, in ms. */
  readonly p99: number
  /** The most memory (RSS) in this run, in MB. */
  readonly memory: number
  readonly errors: readonly string[]
}

interface Plan {
  readonly machines: readonly number[]
  readonly gigabytes: number
  readonly rounds: number
  readonly threads: number
  readonly plain: boolean
}

/** Both servers, and what their machines ask for. */
interface Targets {
  readonly ours: Child
  readonly nginx: Child
  readonly tree: readonly Fetch[]
  readonly treeBytes: number
  /** The key of each machine's boot. */
  readonly bootids: readonly string[]
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      machines: { type: 'string', default: '1,16,64,256' },
      megabytes: { type: 'string', default: '600' },
      gigabytes: { type: 'string', default: '16' },
      rounds: { type: 'string', default: '3' },
      threads: { type: 'string', default: '2' },
      plain: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  if (values.help) return console.log(USAGE)
  const plan = {
    machines: values.machines.split(',').map(Number),
    gigabytes: Number(values.gigabytes),
    rounds: Number(values.rounds),
    threads: Number(values.threads),
    plain: values.plain,
  }
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const work = mkdtempSync(join(ROOT, '.cache', 'bench-'))
  try {
    await using servers = new AsyncDisposableStack()
    const images = join(work, 'images')
    const tree = makeImage(images, Number(values.megabytes))
    const count = Math.max(...plan.machines)
    await addHosts(join(work, 'data'), count)
    const folders = { data: join(work, 'data'), images, log: join(work, 'log') }
    const ours = servers.use(await startServer(folders, ...positionals))
    const nginx = servers.use(await startNginx(work))
    const bootids = await Promise.all(Array.from({ length: count }, (_, index) => boot(ours, index)))
    const treeBytes = tree.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
    const targets = { ours, nginx, tree, treeBytes, bootids }
    await check(targets, join(images, IMAGE))
    const rows = []
    for (const machines of plan.machines) rows.push(await compare(targets, machines, plan))
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows }, undefined, 2))
    else console.log(`${machine()}\n\n${formatTable(rows)}`)
    if (rows.some((row) => row.errors > 0)) process.exitCode = 1
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** An image of which the server knows how to boot it, and with it the tree. */
function makeImage(images: string, megabytes: number): readonly Fetch[] {
  const directory = join(images, IMAGE)
  const tree = makeTree(directory, megabytes)
  for (const file of ['vmlinuz', 'initrd']) writeFileSync(join(directory, file), 'not a kernel')
  writeFileSync(join(directory, 'image.json'), JSON.stringify({ kind: 'linux' }))
  return tree
}

async function addHosts(data: string, count: number): Promise<void> {
  await using store = makeStore(data)
  const hosts = Array.from({ length: count }, (_, index) => {
    const identity = { macs: [parseMac(macOf(index))], serial: undefined, uuid: undefined }
    const plan = { images: [IMAGE], end: 'finished' } as const
    return { ...newHost(identity, Date.now()), id: index + 1, state: 'assigned', rest: 'failed', plan } as const
  })
  await store.addHosts(hosts, Date.now(), { type: 'imported', text: 'made for a measurement' })
}

function macOf(index: number): string {
  return `02:00:00:00:${[index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`
}

/** @returns the key of its boot */
async function boot(server: Child, index: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${server.port}/bootstrap?net0=${macOf(index)}`)
  const script = await answer.text()
  const key = /\/b\/([0-9a-f]{32})\//.exec(script)?.[1]
  if (key === undefined) throw new Error(`machine ${index} gets nothing to install:\n${script}`)
  return key
}

/** Every byte of every file, of both servers, so that nobody is fast with something else. */
async function check({ ours, nginx, tree, bootids }: Targets, directory: string): Promise<void> {
  for (const { path } of tree) {
    const expected = await digest(createReadStream(join(directory, path)))
    const own = `${ours.port}/b/${bootids[0]}/tree/`
    // Twice, after which it is in the cache: nginx has what it needs in the system's memory from the start.
    for (const url of [own, own, `${nginx.port}/images/${IMAGE}/`]) {
      const { body } = await fetch(`http://127.0.0.1:${url}${path}`)
      if ((await digest(body ?? [])) !== expected) throw new Error(`${url}${path} is not the file that it should be`)
    }
  }
}

async function digest(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

async function compare(targets: Targets, machines: number, plan: Plan) {
  const turns: { readonly ours: Measured; readonly nginx: Measured }[] = []
  const laps = Math.max(1, Math.round((plan.gigabytes * GB) / (machines * targets.treeBytes)))
  for (let round = 1; round <= plan.rounds; round++) {
    process.stderr.write(`${machines} machines, round ${round} of ${plan.rounds} ...\n`)
    const list = (prefix: (index: number) => string) =>
      Array.from({ length: machines }, (_, index) =>
        Array.from({ length: laps }, () =>
          targets.tree.map(({ path, bytes }) => ({ path: `${prefix(index)}/${path}`, bytes })),
        ).flat(),
      )
    const own = (index: number) => (plan.plain ? `/images/${IMAGE}` : `/b/${targets.bootids[index]}/tree`)
    turns.push({
      nginx: await storm(
        targets.nginx,
        list(() => `/images/${IMAGE}`),
        plan.threads,
      ),
      ours: await storm(targets.ours, list(own), plan.threads),
    })
  }
  const middle = (value: (turn: (typeof turns)[number]) => number, digits = 0) =>
    Number(median(turns.map(value)).toFixed(digits))
  const errors = turns.flatMap((turn) => [...turn.ours.errors, ...turn.nginx.errors])
  for (const error of errors.slice(0, 5)) process.stderr.write(`${error}\n`)
  return {
    machines,
    'MB/s': middle(({ ours }) => ours.rate),
    'nginx MB/s': middle(({ nginx }) => nginx.rate),
    'CPU s/GB': middle(({ ours }) => ours.cpu, 3),
    'nginx s/GB': middle(({ nginx }) => nginx.cpu, 3),
    'per core': middle(({ ours, nginx }) => nginx.cpu / ours.cpu, 2),
    'small p99 ms': middle(({ ours }) => ours.p99, 1),
    'nginx p99': middle(({ nginx }) => nginx.p99, 1),
    'RSS MB': Math.round(Math.max(...turns.map(({ ours }) => ours.memory))),
    errors: errors.length,
  }
}

/** Lets all machines start at the same moment, and waits for the last of them. */
async function storm(server: Child, machines: Storm['machines'], threads: number): Promise<Measured> {
  server.forgetPeak()
  const shares = Array.from({ length: Math.min(threads, machines.length) }, (_, thread) =>
    machines.filter((_machine, index) => index % threads === thread),
  )
  const [cpu, at] = [server.cpu, performance.now()]
  const seen = await Promise.all(shares.map((share) => runThread({ port: server.port, machines: share })))
  const seconds = (performance.now() - at) / 1000
  const bytes = seen.reduce((sum, one) => sum + one.bytes, 0)
  const small = seen.flatMap((one) => one.small).toSorted((a, b) => a - b)
  return {
    rate: bytes / seconds / MB,
    cpu: (server.cpu - cpu) / (bytes / GB),
    p99: small[Math.ceil(small.length * 0.99) - 1] ?? Number.NaN,
    memory: server.peakMemory,
    errors: seen.flatMap((one) => one.errors),
  }
}

function runThread(workerData: Storm): Promise<Weather> {
  const { promise, resolve, reject } = Promise.withResolvers<Weather>()
  const thread = new Worker(new URL('storm-client.ts', import.meta.url), { workerData })
  thread.once('message', resolve)
  thread.once('error', reject)
  return promise
}

await main()
