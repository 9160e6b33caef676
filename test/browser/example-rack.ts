import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { InstallWatch } from '../../src/commands/watch-installs.ts'
import { assign, protect, rename } from '../../src/core/edit.ts'
import { parseMac } from '../../src/core/identity.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { type AdminServer, adminServer } from '../http/admin/admin-server.ts'
import { type LabServer, putLinux } from '../http/lab-server.ts'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { releaseNamed } from '../kinds/esxi/releases.ts'
import { eventually } from '../lab/wait.ts'

const MIN = 60_000
/** As large as a module of ESXi is on the average. */
const MODULE_BYTES = 5_400_000
/** Of files that nobody sees afterwards. */
const FEW = 4

const macText = (n: number) => `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}`
const machine = (n: number) =>
  `net0=${macText(n)}&serial=CZJ10${n.toString().padStart(2, '0')}&platform=efi&arch=x86_64&mfr=Example&prod=Server%20R2&ipxe=1.21.1`

/** A rack of which the machines are in all states that there are, as people see it who look in the midst of the work. */
export async function exampleRack(t: TestContext): Promise<AdminServer> {
  const lab = await adminServer(t, { dhcp: exampleDhcp, doctor: async () => FINDINGS })
  const { server } = lab
  await putEsxi(server)
  await putLinux(server, 'debian-12', 'wipe')
  for (const file of ['debian-12/vmlinuz', 'wipe/vmlinuz'])
    await truncate(join(server.folder, 'images', file), 9_300_000)
  await truncate(join(server.folder, 'images/debian-12/initrd'), 48_100_000)
  await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    await server.boot(machine(n))
    server.later(20_000)
    if (n < 11) await name(server, n, `esx${n.toString().padStart(2, '0')}`)
  }
  for (const n of [1, 2]) await install(server, n, 'esxi8')
  await edit(server, 2, protect)
  await install(server, 12, 'debian-12')
  await name(server, 12, 'store01')
  await give(server, 8, 'esxi8')
  server.later(10 * MIN)
  await loop(server, 9)
  await fail(server, 6)
  await stall(server, 5)
  await server.boot(`net0=${macText(10)}&net1=${macText(11)}`)
  server.later(MIN)
  await server.store.changeHost(7, server.now(), (host) =>
    assign(host, parsePlan('wipe,esxi8'), server.now() + 120 * MIN),
  )
  server.later(MIN)
  const [first, second] = [await give(server, 3, 'esxi8'), await give(server, 4, 'esxi8')]
  await load(server, second, 9)
  await load(server, first, 64)
  return lab
}

async function edit(server: LabServer, id: number, change: Parameters<LabServer['store']['changeHost']>[2]) {
  await server.store.changeHost(id, server.now(), change)
}

const name = (server: LabServer, id: number, hostname: string) => edit(server, id, (host) => rename(host, hostname))

/** Gives a host an image, and lets its machine come for it. @returns the key of that boot */
async function give(server: LabServer, id: number, image: string): Promise<string> {
  await edit(server, id, (host) => assign(host, parsePlan(image)))
  if (id === 8) return ''
  server.later(8000)
  return (await server.boot(machine(id))).id
}

/** The files of a boot, in the order in which a loader fetches them. */
async function load(server: LabServer, bootid: string, files: number): Promise<void> {
  const { kernel, modules } = releaseNamed('8.0U3b')
  const fetched = ['tree/efi/boot/bootx64.efi', 'boot.cfg', ...[kernel, ...modules].map((file) => `tree/${file}`)]
  for (const [index, file] of fetched.slice(0, files).entries()) {
    // After a pause, the progress is written at once.
    server.later(index === files - 1 ? 1500 : 60)
    const { statusCode, body } = await server.get(`/b/${bootid}/${file}`)
    if (statusCode !== 200) throw new Error(`${file}: ${statusCode} ${body.slice(0, 300)}`)
  }
  const noted = async () => (await server.store.listInstalls()).find(({ progress }) => progress.heardAt >= server.now())
  await eventually('the last file is noted', noted, 60_000)
}

async function install(server: LabServer, id: number, image: string): Promise<void> {
  const bootid = await give(server, id, image)
  if (image === 'esxi8') {
    await load(server, bootid, FEW)
    await server.get(`/b/${bootid}/ks.cfg`)
    server.later(20_000)
    await server.get(`/b/${bootid}/stage/started`)
    server.later(3 * MIN)
  } else await server.get(`/b/${bootid}/tree/vmlinuz`)
  await server.get(`/b/${bootid}/finish`)
  server.later(2 * MIN)
  await server.boot(machine(id))
}

async function loop(server: LabServer, id: number): Promise<void> {
  await load(server, await give(server, id, 'esxi8'), FEW)
  for (let n = 0; n < 4; n += 1) {
    server.later(4 * MIN)
    await load(server, (await server.boot(machine(id))).id, FEW)
  }
  server.later(4 * MIN)
  await server.boot(machine(id))
}

async function fail(server: LabServer, id: number): Promise<void> {
  const bootid = await give(server, id, 'esxi8')
  await load(server, bootid, FEW)
  server.later(MIN)
  const reason = encodeURIComponent('no disk has the 32 GB that ESXi needs')
  await server.get(`/b/${bootid}/fail?reason=${reason}`)
}

async function stall(server: LabServer, id: number): Promise<void> {
  await load(server, await give(server, id, 'esxi8'), 41)
  const installs = new InstallWatch({
    store: server.store,
    findImages: async () => () => undefined,
    kindOf: () => ({}),
    lease: { holder: 'a', length: 30_000 },
    now: () => server.now(),
  })
  for (let passed = 0; passed < 22 * MIN; passed += 20_000) {
    server.later(20_000)
    await installs.look()
  }
}

/** A medium whose modules are as large as real ones, with nothing in them. */
async function putEsxi(server: LabServer): Promise<void> {
  for (const [file, text] of Object.entries(mediumOf(releaseNamed('8.0U3b')))) {
    const path = await server.put(`images/esxi8/${file}`, text === '' ? gzipSync('') : text)
    if (text === '') await truncate(path, MODULE_BYTES)
  }
  server.later()
}

const exampleDhcp = {
  interface: 'eth1',
  isProxy: false,
  leases: async () =>
    [1, 2, 3, 4, 13].map((n) => ({
      mac: parseMac(macText(n)),
      address: `192.0.2.${100 + n}`,
      name: n === 13 ? undefined : `esx0${n}`,
      until: Date.UTC(2026, 0, 2),
    })),
}

const FINDINGS = [
  ...['dhcp-answer', 'tftp-ipxe', 'http-ipxe', 'bootstrap', 'images', 'templates', 'clock'].map((id) => ({
    id,
    level: 'ok' as const,
    what: id,
    why: '',
  })),
  {
    id: 'disk-space',
    level: 'warn' as const,
    what: 'the disk of the images has 3.1 GB free',
    why: 'An image of ESXi takes 700 MB, and an import needs that once more while it runs.',
    mend: 'metalspray images remove NAME',
  },
]
