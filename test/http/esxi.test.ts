import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { type Release, releaseNamed } from '../kinds/esxi/releases.ts'
import { type LabServer, labServer, MACHINE } from './lab-server.ts'

const EFI = `${MACHINE}&platform=efi&arch=x86_64`

/** A medium of a release as image `esxi8`, whose modules are gzip files of a size of their own; some may be empty. */
async function withEsxi(t: Parameters<typeof labServer>[0], release: Release, empty: readonly string[] = []) {
  const server = await labServer(t)
  for (const [index, [file, text]] of Object.entries(mediumOf(release)).entries()) {
    const content = text === '' ? gzipSync(Buffer.alloc(100 + index, index)) : text
    await server.put(`images/esxi8/${file}`, empty.includes(file) ? '' : content)
  }
  server.later()
  await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
  await server.boot(EFI)
  await server.assign(1, 'esxi8')
  return server
}

/** Fetches what a loader does, by what boot.cfg says. */
async function load(server: LabServer, id: string, headers = {}) {
  const cfg = (await server.get(`/b/${id}/01-52-54-00-00-00-01/boot.cfg`)).body
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(cfg)?.[1] ?? ''
  const files = [value('kernel'), ...value('modules').split(' --- ')]
  const sizes: number[] = []
  for (const file of files) {
    const url = new URL(file, `${value('prefix')}/`).pathname
    const { statusCode, rawPayload } = await server.get(url, headers)
    assert.equal(statusCode, 200, file)
    sizes.push(rawPayload.length)
  }
  return { cfg, files, sizes }
}

test('ESXi is loaded, installed and configured, and each stage is told once', async (t) => {
  const release = releaseNamed('8.0U3b')
  const server = await withEsxi(t, release)
  const { script, id } = await server.boot(EFI)
  assert.match(script, /bootx64\.efi -c/)
  assert.equal((await server.get(`/b/${id}/tree/efi/boot/bootx64.efi`)).statusCode, 200)
  const { cfg, files } = await load(server, id)
  assert.match(cfg, /BOOTIF=01-52-54-00-00-00-01/)
  assert.ok(files.length > release.modules.length)
  assert.equal((await server.get(`/b/${id}/ks.cfg`)).statusCode, 200)
  for (const told of ['stage/started', 'finish', 'stage/configured']) {
    assert.equal((await server.get(`/b/${id}/${told}`)).statusCode, 200)
  }
  const names = ['discovered', 'assigned', 'fetch-failed', 'stage', 'finished', 'progress']
  let events = await server.events(1)
  // What is written behind an answer is there soon.
  while (events.filter(({ type }) => type === 'progress').length < 5) {
    await setImmediate()
    events = await server.events(1)
  }
  assert.deepEqual(
    events
      .filter(({ type }) => names.includes(type))
      .map(({ text }) => text.replace(/[,;] .*/, ''))
      .sort(),
    [
      'configured: the installed system has run its first scripts',
      'esxi8 is applied',
      'fetches efi/boot/bootx64.efi',
      'kernel: 1 file',
      'kickstart: 1 file',
      'loader: 2 files',
      `modules: ${release.modules.length} files`,
      'new machine: serial SER-1',
      'plan is esxi8',
      'started: the installer runs its first scripts',
    ].sort(),
  )
  assert.equal((await server.host(1)).state, 'finished')
})

test('empty modules are 20 bytes to a BIOS, and empty to UEFI', async (t) => {
  const empty = ['jumpstrt.gz', 'useropts.gz', 'features.gz']
  const server = await withEsxi(t, releaseNamed('6.5U1'), empty)
  const sizesOf = async (platform: string) => {
    const { id } = await server.boot(`${MACHINE}&platform=${platform}&arch=${platform === 'efi' ? 'x86_64' : 'i386'}`)
    const { files, sizes } = await load(server, id)
    return empty.map((file) => sizes[files.indexOf(file)])
  }
  assert.deepEqual(
    [await sizesOf('pcbios'), await sizesOf('efi')],
    [
      [20, 20, 20],
      [0, 0, 0],
    ],
  )
})

test("a host whose command line is beyond mboot's limit is held, and its console says so", async (t) => {
  const server = await withEsxi(t, releaseNamed('8.0U3b'))
  const kernelOptions = Array.from({ length: 1000 }, (_, n) => `a${n}=b`).join(' ')
  await server.store.changeDefaults(undefined, () => ({ esxi: { ...ROOT, kernelOptions } }))
  server.later()
  const { script } = await server.boot(EFI)
  const limit = /the kernel command line has \d+ bytes .*mboot hangs at more than 4095/
  assert.match(script, new RegExp(`^echo This machine is held: esxi8 cannot be installed: ${limit.source}`, 'm'))
  assert.equal((await server.host(1)).state, 'assigned')
  assert.match((await server.events(1)).map(({ text }) => text).join('\n'), limit)
})
