import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Child } from './child.ts'
import { IMAGE, makeImage } from './fleet.ts'
import { putLoad } from './load.ts'
import { startNginx } from './nginx.ts'
import { ROOT, startServer } from './server.ts'
import { formatTable, machine, median } from './table.ts'

const USAGE = `Measures the download of an image beside nginx with sendfile, in turns.

  node bench/files.ts [--connections 1,4,16] [--seconds 4] [--rounds 5] [--megabytes 256] [--json]`

const FILE = 'disk.img'
const MB = 1 << 20

/** What one run saw of one server. */
interface Measured {
  /** MB a second. */
  readonly rate: number
  /** CPU time in seconds for one GB. */
  readonly cpu: number
  readonly errors: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      connections: { type: 'string', default: '1,4,16' },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
      megabytes: { type: 'string', default: '256' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const work = mkdtempSync(join(ROOT, '.cache', 'bench-'))
  try {
    await using servers = new AsyncDisposableStack()
    const images = join(work, 'images')
    const digest = await makeFile(images, Number(values.megabytes))
    const ours = servers.use(await startServer({ data: join(work, 'data'), images, log: join(work, 'log') }))
    const nginx = servers.use(await startNginx(work))
    for (const server of [ours, nginx]) await checkDownload(server, digest)
    const rows = []
    for (const connections of values.connections.split(',').map(Number)) {
      rows.push(
        await compare(ours, nginx, { connections, seconds: Number(values.seconds), rounds: Number(values.rounds) }),
      )
    }
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows }, undefined, 2))
    else console.log(`${machine()}\n\n${formatTable(rows)}`)
    if (rows.some((row) => row.errors > 0)) process.exitCode = 1
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

interface Plan {
  readonly connections: number
  readonly seconds: number
  readonly rounds: number
}

async function compare(ours: Child, nginx: Child, { connections, seconds, rounds }: Plan) {
  const turns: { readonly ours: Measured; readonly nginx: Measured }[] = []
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`${connections} connections, round ${round} of ${rounds} ...\n`)
    turns.push({
      nginx: await download(nginx, connections, seconds),
      ours: await download(ours, connections, seconds),
    })
  }
  const middle = (value: (turn: (typeof turns)[number]) => number, digits = 0) =>
    Number(median(turns.map(value)).toFixed(digits))
  return {
    connections,
    'MB/s': middle((turn) => turn.ours.rate),
    'nginx MB/s': middle((turn) => turn.nginx.rate),
    ratio: middle((turn) => turn.ours.rate / turn.nginx.rate, 2),
    'CPU s/GB': middle((turn) => turn.ours.cpu, 2),
    'nginx s/GB': middle((turn) => turn.nginx.cpu, 2),
    'RSS MB': Math.round(ours.peakMemory),
    errors: turns.reduce((sum, turn) => sum + turn.ours.errors + turn.nginx.errors, 0),
  }
}

async function download(server: Child, connections: number, seconds: number): Promise<Measured> {
  const before = server.cpu
  const seen = await putLoad({ url: urlOf(server), connections, seconds })
  const cpu = (server.cpu - before) / (seen.bytes / (1024 * MB))
  return { rate: seen.bytes / seen.seconds / MB, cpu, errors: seen.failed + seen.not2xx }
}

function urlOf(server: Child): string {
  return `http://127.0.0.1:${server.port}/images/${IMAGE}/${FILE}`
}

/** @returns the SHA-256 sum of what it made */
async function makeFile(images: string, megabytes: number): Promise<string> {
  makeImage(images)
  const hash = createHash('sha256')
  const file = createWriteStream(join(images, IMAGE, FILE))
  for (let i = 0; i < megabytes; i++) {
    const piece = Buffer.alloc(MB, `piece ${i} `)
    hash.update(piece)
    if (!file.write(piece)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'close')
  return hash.digest('hex')
}

async function checkDownload(server: Child, digest: string): Promise<void> {
  const response = await fetch(urlOf(server))
  const hash = createHash('sha256')
  for await (const piece of response.body ?? []) hash.update(piece)
  if (hash.digest('hex') !== digest) throw new Error(`${urlOf(server)} is not the file that it should be`)
}

await main()
