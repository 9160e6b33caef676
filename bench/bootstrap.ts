import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Child, freePort } from './child.ts'
import { countBoots, fillDatabase, makeImage, writePaths } from './fleet.ts'
import { type Load, putLoad, type Seen } from './load.ts'
import { ROOT, startServer } from './server.ts'
import { formatTable, machine, median } from './table.ts'

const USAGE = `Measures /bootstrap beside a Fastify route that answers from nothing, in turns.

  node bench/bootstrap.ts [--hosts 10,1000,10000,100000] [--connections 16,256] [--seconds 3] [--rounds 5] [--json]`

const WARM_UP = 2

/** A server with so many known hosts. */
interface Target {
  readonly hosts: number
  readonly server: Child
  readonly paths: string
  readonly data: string
}

/** What one run saw of one server; `cpu` is its time for one request, in us. */
interface Measured {
  readonly seen: Seen
  readonly rate: number
  readonly cpu: number
}

/** A server and, just before it, the bare route, with the same requests. */
interface Turn {
  readonly hosts: number
  readonly connections: number
  readonly server: Measured
  readonly bare: Measured
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '10,1000,10000,100000' },
      connections: { type: 'string', default: '16,256' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const work = mkdtempSync(join(ROOT, '.cache', 'bench-'))
  try {
    const rows = await measure(work, {
      hosts: numbers(values.hosts),
      connections: numbers(values.connections),
      seconds: Number(values.seconds),
      rounds: Number(values.rounds),
    })
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows }, undefined, 2))
    else console.log(`${machine()}\n\n${formatTable(rows)}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

interface Plan {
  readonly hosts: readonly number[]
  readonly connections: readonly number[]
  readonly seconds: number
  readonly rounds: number
}

async function measure(work: string, { hosts, connections, seconds, rounds }: Plan) {
  await using children = new AsyncDisposableStack()
  const port = await freePort()
  const program = join(ROOT, 'bench/bare.ts')
  const bare = children.use(await Child.start(process.execPath, [program, `${port}`], port, join(work, 'bare.log')))
  const targets: Target[] = []
  // The first start after a change is another one: it strips the types of the sources, and at its end keeps what was compiled of them.
  const first = await startTarget(join(work, 'first'), 1)
  await takeTurn(first, bare, 16, WARM_UP).finally(() => first.server[Symbol.asyncDispose]())
  for (const count of hosts) {
    say(`Making ${count} hosts ...`)
    const target = await startTarget(join(work, `${count}`), count)
    children.use(target.server)
    targets.push(target)
    await takeTurn(target, bare, 16, WARM_UP)
  }
  const turns: Turn[] = []
  for (const count of connections) {
    for (let round = 1; round <= rounds; round++) {
      say(`${count} connections, round ${round} of ${rounds} ...`)
      for (const target of targets) turns.push(await takeTurn(target, bare, count, seconds))
    }
  }
  return connections.flatMap((count) => targets.map((target) => rowOf(target, count, turns)))
}

async function startTarget(directory: string, hosts: number): Promise<Target> {
  const [data, images, paths] = [join(directory, 'data'), join(directory, 'images'), join(directory, 'paths')]
  makeImage(images)
  writePaths(paths, hosts)
  await fillDatabase(data, hosts)
  return { hosts, paths, data, server: await startServer({ data, images, log: join(directory, 'log') }) }
}

async function takeTurn(target: Target, bare: Child, connections: number, seconds: number): Promise<Turn> {
  const load = { connections, seconds, random: { paths: target.paths, beginning: '#!ipxe\n' } }
  const plain = await loadServer(bare, load)
  const before = await countBoots(target.data)
  const server = await loadServer(target.server, load)
  const opened = (await countBoots(target.data, before + server.seen.requests)) - before
  mustBeWell('the bare route', plain.seen)
  mustBeWell(`the server with ${target.hosts} hosts`, server.seen, opened)
  return { hosts: target.hosts, connections, bare: plain, server }
}

/** A refusal is a script as well, and one without a boot. @throws {Error} when a single machine got no boot: its figures are worth nothing */
function mustBeWell(name: string, { requests, failed, not2xx, wrong }: Seen, boots = requests): void {
  const refused = Math.max(0, requests - boots)
  if (failed + not2xx + wrong + refused === 0) return
  throw new Error(
    `${name} gave ${requests} answers, ${not2xx} of them refusals, ${wrong} no scripts, ${refused} without a boot; ${failed} connections failed`,
  )
}

async function loadServer(child: Child, load: Omit<Load, 'url'>): Promise<Measured> {
  const before = child.cpu
  const seen = await putLoad({ ...load, url: `http://127.0.0.1:${child.port}/` })
  return { seen, rate: seen.requests / seen.seconds, cpu: (1e6 * (child.cpu - before)) / seen.requests }
}

function rowOf(target: Target, connections: number, turns: readonly Turn[]) {
  const mine = turns.filter((turn) => turn.hosts === target.hosts && turn.connections === connections)
  const middle = (value: (turn: Turn) => number, digits = 0) => Number(median(mine.map(value)).toFixed(digits))
  return {
    hosts: target.hosts,
    connections,
    'requests/s': middle(({ server }) => server.rate),
    'bare/s': middle(({ bare }) => bare.rate),
    ratio: middle(({ server, bare }) => server.rate / bare.rate, 2),
    'CPU us': middle(({ server }) => server.cpu, 1),
    'bare us': middle(({ bare }) => bare.cpu, 1),
    'p50 ms': middle(({ server }) => server.seen.p50, 1),
    'p99 ms': middle(({ server }) => server.seen.p99, 1),
    'bare p99': middle(({ bare }) => bare.seen.p99, 1),
    'RSS MB': Math.round(target.server.peakMemory),
  }
}

function numbers(list: string): number[] {
  return list.split(',').map(Number)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

await main()
