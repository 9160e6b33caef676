import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { bootDhcp, startDnsmasq } from './dnsmasq.ts'
import type { Firmware } from './firmware.ts'
import { type KiwiVariant, kiwiImage } from './kiwi-image.ts'
import { requireLab } from './lab-process.ts'
import { liveIso } from './live-iso.ts'
import { Machine } from './machine.ts'
import { Network } from './network.ts'

/**
 * Shows that the lab itself works, without the server under test, and how long each step takes:
 * `node test/lab/enter.ts node test/lab/prove.ts [bios|uefi|uefi-http] [install|fail|discover|live]`.
 */
const firmware = (process.argv[2] ?? 'bios') as Firmware
const variant = (process.argv[3] ?? 'install') as KiwiVariant | 'live'
const NAME = 'proof'
/** The last thing that the machine says when all went well. */
const LAST_WORDS: Readonly<Record<string, RegExp>> = {
  install: /this disk boots by itself \((BIOS|UEFI)\) proof/,
  fail: /stopped this image always fails/,
  discover: /reboot proof/,
  live: /live system up \((BIOS|UEFI)\) proof/,
}

const started = Date.now()
const live = variant === 'live' ? await liveIso(NAME) : undefined
const image = await kiwiImage({ name: NAME, variant: variant === 'live' ? 'install' : variant })
tell('image ready')
await using network = await Network.create()
const directory = join(requireLab(), NAME)
const base = `http://${network.address}:5000`
let finished = false
let asked = 0

const server = createServer((request, response) => {
  tell(`> ${request.method} ${request.url}`)
  void text(request).then((body) => body && tell(`> ${decodeURIComponent(body)}`))
  answer(new URL(request.url ?? '/', base).pathname, request.method ?? 'GET', response).catch((error: unknown) =>
    response.destroy(error as Error),
  )
})
await new Promise<void>((resolve) => server.listen(5000, network.address, resolve))
await startDnsmasq(network, directory, await bootDhcp(network, directory, base))
const machine = await Machine.build({ name: 'm1', firmware, macs: ['52:54:00:77:00:01'] }, { directory, network })
machine.console.on('line', (line) => {
  if (/metalspray|BdsDxe: (loading|starting)|Booting from/.test(line)) tell(`| ${line.slice(0, 120)}`)
})
await machine.powerOn()
try {
  await machine.waitFor(LAST_WORDS[variant] ?? /never/, 240_000)
  tell('as it should be')
} finally {
  await machine.remove()
  server.close()
  server.closeAllConnections()
}

async function answer(path: string, method: string, response: ServerResponse): Promise<void> {
  const said = await scripted(path)
  if (said !== undefined) return void response.end(said)
  const file = fileOf(path)
  const size = (await stat(file).catch(() => undefined))?.size
  if (size === undefined) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-length': size })
  if (method === 'HEAD') return void response.end()
  await pipeline(createReadStream(file), response)
}

function fileOf(path: string): string {
  if (path === '/snponly.efi') return '/usr/lib/ipxe/snponly.efi'
  if (path === '/live.iso' && live) return live.iso
  if (path === '/live.initrd' && live) return live.initrd
  return join(image.directory, path.slice(1))
}

async function scripted(path: string): Promise<string | undefined> {
  if (path === '/bootstrap.ipxe') return finished ? leaveScript() : bootScript()
  if (path === '/post-install') return `echo hello from post-install\nwget -q -O - ${base}/finish\n`
  if (path === '/update' || path.endsWith('/fail')) return 'ok\n'
  if (path === '/state') return asked++ < 1 ? 'new\n' : 'other\n'
  if (path !== '/finish') return undefined
  finished = variant === 'install'
  return 'ok\n'
}

function bootScript(): string {
  const root = live ? `root=live:${base}/live.iso` : `rd.kiwi.install.image=${base}/${NAME}.xz`
  const common = `console=ttyS0,115200 quiet panic=30 BOOTIF=01-\${mac:hexhyp}`
  const callback = `razorurl=${base}/post-install?id=1&bootid=abc`
  const load = `kernel ${base}/pxeboot.kernel initrd=boot.initrd ${root} ${common} ${callback}`
  return `#!ipxe\n${load}\ninitrd --name boot.initrd ${base}/${live ? 'live.initrd' : 'pxeboot.initrd.xz'}\nboot\n`
}

function leaveScript(): string {
  return `#!ipxe\n${firmware === 'bios' ? 'sanboot --no-describe --drive 0x80' : 'exit 1'}\n`
}

function tell(line: string): void {
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} ${line}\n`)
}
