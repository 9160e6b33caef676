import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { databaseFile, makeStore } from '../src/commands/open-store.ts'
import { type Host, newHost } from '../src/core/host.ts'
import { parseMac } from '../src/core/identity.ts'
import type { JsonObject } from '../src/core/json.ts'

/** The image that some hosts of the fleet are being installed with. */
export const IMAGE = 'leap'

/** What every machine of the fleet says of itself, the last time as well as the next. */
const FIRMWARE = {
  platform: 'efi',
  arch: 'x86_64',
  manufacturer: 'Dell Inc.',
  product: 'PowerEdge R760',
  ipxe: '1.21.1+ (g4bd0)',
}

const DAY = 86_400_000
const CHUNK = 5000
/** How long the server may take to write what it has answered, in ms. */
const LONGEST_WRITE = 5000

/** Puts so many known hosts into a new database. */
export async function fillDatabase(data: string, hosts: number): Promise<void> {
  await using store = makeStore(data)
  for (let first = 1; first <= hosts; first += CHUNK) {
    const length = Math.min(CHUNK, hosts - first + 1)
    const chunk = Array.from({ length }, (_, offset) => makeHost(first + offset))
    await store.addHosts(chunk, Date.now(), { type: 'imported', text: 'made for a measurement' })
  }
}

/** Counts the boots of all time, once there are `expected`: the server writes them a moment after its answers. Waits for a few seconds. */
export async function countBoots(data: string, expected = 0): Promise<number> {
  const db = new Database(databaseFile(data), { readonly: true })
  const count = db.prepare<[], number>('SELECT count(*) FROM boots').pluck()
  const until = Date.now() + LONGEST_WRITE
  try {
    for (;;) {
      const boots = count.get() ?? 0
      if (boots >= expected || Date.now() > until) return boots
      await sleep(20)
    }
  } finally {
    db.close()
  }
}

/** A kernel and an initrd, of which nothing is ever read. */
export function makeImage(images: string): void {
  const directory = join(images, IMAGE)
  mkdirSync(directory, { recursive: true })
  for (const file of ['vmlinuz', 'initrd']) writeFileSync(join(directory, file), 'not a kernel')
  writeFileSync(join(directory, 'image.json'), JSON.stringify({ kind: 'linux', kernelOptions: 'quiet install' }))
}

/** What each machine of the fleet asks at power-on, as our own boot script writes it: one path with its query a line. */
export function writePaths(file: string, hosts: number): void {
  writeFileSync(file, Array.from({ length: hosts }, (_, index) => `${pathOf(index + 1)}\n`).join(''))
}

/** A third each is finished, new and being installed; a quarter has the metadata of a managed fleet. */
function makeHost(id: number): Host {
  const at = Date.now() - DAY
  const identity = { macs: [0, 1].map((card) => parseMac(macOf(id, card))), serial: serialOf(id), uuid: uuidOf(id) }
  const host: Host = {
    ...newHost(identity, at),
    id,
    hostname: `node-${id}`,
    firmware: FIRMWARE,
    address: '127.0.0.1',
    seenAt: at,
    metadata: id % 4 === 0 ? metadataOf(id) : {},
  }
  if (id % 3 === 0) return { ...host, state: 'finished', rest: 'finished', revision: 2 }
  if (id % 3 === 1) return host
  return { ...host, state: 'installing', rest: 'failed', plan: { images: [IMAGE], end: 'finished' }, revision: 1 }
}

/** About 2 kB, as a tool that keeps its inventory here would write it. */
function metadataOf(id: number): JsonObject {
  const disks = Array.from({ length: 8 }, (_, slot) => ({
    slot,
    model: 'MZ7L33T8HBLT-00A07',
    serial: `S6ESNE0R${id}${slot}`,
    bytes: 3_840_755_982_336,
    wwn: `0x5002538f${(id * 8 + slot).toString(16).padStart(8, '0')}`,
  }))
  const networks = Array.from({ length: 6 }, (_, index) => ({
    vlan: 100 + index,
    address: `10.${index}.${(id >> 8) & 255}.${id & 255}/16`,
    gateway: `10.${index}.0.1`,
    switch: `leaf-${id % 48}-${index}`,
  }))
  return { rack: `R${id >> 5}`, unit: id & 31, role: 'compute', owner: 'platform@example.com', disks, networks }
}

function pathOf(id: number): string {
  const [first, second] = [macOf(id, 0), macOf(id, 1)]
  const cards = [first, second, '', '', '', '', '', ''].map((mac, index) => `net${index}=${mac}`).join('&')
  const { platform, arch, manufacturer, product, ipxe } = FIRMWARE
  const firmware = `platform=${platform}&arch=${arch}&ipxe=${hex(ipxe)}&uuid=${uuidOf(id)}`
  const dmi = `serial=${hex(serialOf(id))}&mfr=${hex(manufacturer)}&prod=${hex(product)}&asset=&board=${hex('0VRV9X')}`
  return `/bootstrap?v=2&${firmware}&${dmi}&mac=${first}&${cards}&ip=10.0.0.7&try=0&errno=`
}

function macOf(id: number, card: number): string {
  const bytes = [2, 0, (id >>> 23) & 255, (id >>> 15) & 255, (id >>> 7) & 255, ((id << 1) & 255) + card]
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('-')
}

function serialOf(id: number): string {
  return `CZ2B${id.toString(36).toUpperCase().padStart(6, '0')}`
}

function uuidOf(id: number): string {
  return `31343539-3337-435a-b232-${(0xb0000000 + id).toString(16).padStart(12, '0')}`
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}
