import { execFile } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ROOT } from './server.ts'
import { formatTable, machine, median } from './table.ts'

const USAGE = `Measures the import of an ESXi-like ISO, all checksums included, beside programs that only unpack it, in turns.

  node bench/import.ts [--rounds 5] [--files 150] [--megabytes 600] [--folder DIR] [--json]

--folder is where the ISO is made and unpacked; /dev/shm leaves the disk out of it.`

const MB = 1 << 20
const MAIN = join(ROOT, 'src/cli/main.ts')
/** As scripts/metalspray has it: the sources without their types are kept. */
const ENV = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node') }
const run = promisify(execFile)

/** What bench/import-once.ts prints. */
interface Once {
  readonly seconds: number
  readonly published: number
  readonly cpu: number
  readonly memory: number
}

type Times = { readonly [what: string]: number }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      files: { type: 'string', default: '150' },
      megabytes: { type: 'string', default: '600' },
      folder: { type: 'string', default: join(ROOT, '.cache') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  mkdirSync(values.folder, { recursive: true })
  const work = mkdtempSync(join(values.folder, 'bench-'))
  try {
    const iso = await makeIso(work, Number(values.files), Number(values.megabytes) * MB)
    const { sum } = await readSum(iso)
    const turns: Times[] = []
    for (let round = 0; round <= Number(values.rounds); round++) {
      process.stderr.write(round === 0 ? 'warming up ...\n' : `round ${round} of ${values.rounds} ...\n`)
      const turn = await oneTurn(work, iso, sum)
      if (round > 0) turns.push(turn)
    }
    const rows = tabulate(turns)
    if (values.json) console.log(JSON.stringify({ machine: machine(), rows }, undefined, 2))
    else console.log(`${machine()}\n\n${formatTable(rows)}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const BASE = 'bsdtar -xf'

/** Everything once, one after the other; each finds the ISO in the page cache and an empty folder. */
async function oneTurn(work: string, iso: string, sum: string): Promise<Times> {
  const once = async (...more: readonly string[]): Promise<Once> =>
    JSON.parse(
      await fresh(
        work,
        async (to) =>
          (await run(process.execPath, [join(ROOT, 'bench/import-once.ts'), to, iso, ...more], { env: ENV })).stdout,
      ),
    )
  const [ours, summed] = [await once(), await once(sum)]
  const timed = (program: string, args: (to: string) => readonly string[]) =>
    fresh(work, async (to) => {
      const started = performance.now()
      await run(program, args(to), { cwd: to, env: ENV, maxBuffer: 64 * MB })
      return (performance.now() - started) / 1000
    })
  return {
    [BASE]: await timed('bsdtar', (to) => ['-xf', iso, '-C', to]),
    '7z x': await timed('7z', (to) => ['x', '-y', '-bd', `-o${to}`, iso]),
    'xorriso -osirrox': await timed('xorriso', (to) => [
      '-osirrox',
      'on',
      '-indev',
      `stdio:${iso}`,
      '-extract',
      '/',
      join(to, 'x'),
    ]),
    'sum of the ISO alone': (await readSum(iso)).seconds,
    'metalspray import': ours.seconds,
    'metalspray import --sha256': summed.seconds,
    'metalspray import, whole program': await timed(process.execPath, (to) => [
      MAIN,
      'import',
      '--images',
      to,
      'a',
      iso,
    ]),
    'bsdtar -xf, then sync': await timed('sh', (to) => ['-c', `bsdtar -xf '${iso}' -C '${to}' && sync -f '${to}'`]),
    'metalspray import, published': ours.published,
    'cpu metalspray import': ours.cpu,
    'memory metalspray import': ours.memory,
    'cpu metalspray import --sha256': summed.cpu,
    'memory metalspray import --sha256': summed.memory,
  }
}

async function fresh<T>(work: string, doing: (to: string) => Promise<T>): Promise<T> {
  const to = join(work, 'to')
  mkdirSync(to)
  try {
    return await doing(to)
  } finally {
    // xorriso leaves folders that nobody may write to.
    await run('chmod', ['-R', 'u+w', to])
    rmSync(to, { recursive: true, force: true })
    await run('sync', ['-f', work])
  }
}

async function readSum(iso: string): Promise<{ readonly seconds: number; readonly sum: string }> {
  const started = performance.now()
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(iso, { highWaterMark: MB })) hash.update(chunk)
  const sum = hash.digest('hex')
  return { seconds: (performance.now() - started) / 1000, sum }
}

function tabulate(turns: readonly Times[]) {
  const names = Object.keys(turns[0] ?? {}).filter((name) => !/^(?:cpu|memory) /.test(name))
  return names.map((name) => {
    const of = (key: string) => median(turns.map((turn) => turn[key] ?? Number.NaN))
    const best = (key: string) => Math.min(...turns.map((turn) => turn[key] ?? Number.NaN))
    const some = (key: string, digits: number) => (Number.isNaN(of(key)) ? '' : of(key).toFixed(digits))
    return {
      program: name,
      seconds: of(name).toFixed(2),
      ratio: median(turns.map((turn) => (turn[name] ?? 0) / (turn[BASE] ?? 0))).toFixed(2),
      // What other work does to them is least in the best turn.
      'best s': best(name).toFixed(2),
      'of best': (best(name) / best(BASE)).toFixed(2),
      'CPU s': some(`cpu ${name}`, 2),
      'RSS MB': some(`memory ${name}`, 0),
    }
  })
}

/** Modules of all sizes, none of which compresses, and what makes it a medium of ESXi. */
async function makeIso(work: string, files: number, bytes: number): Promise<string> {
  const tree = join(work, 'medium')
  const modules = Array.from({ length: files - 4 }, (_, at) => `m${at}.v00`)
  // A few large ones have most of the bytes, as on real media.
  const weights = modules.map((_, at) => 1 / (at + 2))
  const whole = weights.reduce((sum, weight) => sum + weight, 0)
  const cfg = `title=Loading\nprefix=\nkernel=/b.b00\nkernelopt=runweasel\nmodules=${modules.map((name) => `/${name}`).join(' --- ')}\n`
  put(tree, 'BOOT.CFG', cfg)
  put(tree, 'EFI/BOOT/BOOT.CFG', cfg)
  put(tree, 'EFI/BOOT/BOOTX64.EFI', Buffer.alloc(200_000, 'MZ'))
  put(tree, 'B.B00', gzipSync('kernel'))
  modules.forEach((name, at) => {
    const content = Buffer.allocUnsafe(Math.ceil(((weights[at] ?? 0) / whole) * bytes))
    randomFillSync(content)
    content.set([0x1f, 0x8b])
    put(tree, name.toUpperCase(), content)
  })
  const iso = join(work, 'esxi.iso')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '--norock', '-iso-level', '1', '-o', iso, tree])
  rmSync(tree, { recursive: true })
  return iso
}

function put(tree: string, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(tree, name)), { recursive: true })
  writeFileSync(join(tree, name), content)
}

await main()
