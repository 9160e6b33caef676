import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { explainFile } from '../../src/commands/explain/make-files.ts'
import { type Explanation, explain } from '../../src/commands/explain.ts'
import { protect } from '../../src/core/edit.ts'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { explainDeps } from './explain-deps.ts'
import { type LabServer, type LabSettings, labServer, MACHINE } from './lab-server.ts'

const BASE = 'http://10.77.0.1:5000'
const EFI = `${MACHINE}&net1=52:54:00:00:00:02&platform=efi&arch=x86_64&manufacturer=HPE&product=DL380&version=1.21.1`
const BIOS = `${MACHINE}&platform=pcbios&arch=i386`
const NO_BOOTID = '0'.repeat(32)

const KINDS: { readonly [kind: string]: { readonly [file: string]: string } } = {
  kiwi: { 'pxeboot.kernel': 'k', 'pxeboot.initrd.xz': 'i', 'leap.xz': 'd', 'leap.append': 'console=ttyS0' },
  live: { 'live.iso': 'iso', 'casper/vmlinuz': 'k', 'casper/initrd': 'i' },
  linux: { vmlinuz: 'k', initrd: 'i', 'image.json': '{"kernelOptions": "done=@FINISH@ b=@BOOT@"}' },
  'custom, in Eta': { 'host.eta': '#!ipxe\necho <%= it.host.id %> <%= it.urls.boot %>\n' },
  "custom, in KIWIspray's templates": { 'host.tmpl': '#!ipxe\necho @hostname@ @id@ @bootid@ @server@\n' },
  esxi: { ...mediumOf(), 'image.json': '{"esxi": {"keyboard": "German"}}' },
}

async function lab(t: TestContext, settings: LabSettings = {}): Promise<LabServer> {
  return labServer(t, { baseUrl: BASE, ...settings })
}

async function put(server: LabServer, image: string, files: { readonly [file: string]: string }): Promise<void> {
  for (const [file, text] of Object.entries(files)) await server.put(`images/${image}/${file}`, text)
  server.later()
}

/** A boot's answer with the id of every boot as zeros, as `explain` shows it. */
const withoutId = (text: string, id: string) => text.replaceAll(id, NO_BOOTID)

/** A file byte by byte; of a gzip file what is in it, as a tar holds its files byte by byte. */
function unpacked(file: Buffer): string {
  return (file[0] === 0x1f ? gunzipSync(file) : file).toString('latin1')
}

function scriptOf({ script }: Explanation): string {
  assert.ok('text' in script, JSON.stringify(script))
  return script.text
}

/** Explains a host, has its machine boot, and compares. */
async function agree(server: LabServer, query = EFI, maxInstalls?: number) {
  const deps = await explainDeps(server, maxInstalls)
  const explained = await explain(deps, '1')
  const { script, id } = await server.boot(query)
  assert.equal(scriptOf(explained), id === '' ? script : withoutId(script, id))
  return { deps, explained, id }
}

describe('what is explained is what the server sends, but for the boot id', () => {
  for (const [kind, files] of Object.entries(KINDS)) {
    test(`for an image of kind ${kind}: its script and every file`, async (t) => {
      const server = await lab(t)
      await put(server, 'demo', files)
      await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
      await server.boot(EFI)
      await server.assign(1, 'demo')
      const { deps, explained, id } = await agree(server)
      const paths: Record<string, string> = { 'boot.cfg': '01-52-54-00-00-00-01/boot.cfg' }
      for (const name of explained.files.filter((one) => one !== 'script')) {
        const sent = (await server.get(`/b/${id}/${paths[name] ?? name}`)).rawPayload
        const shown = await explainFile(deps, explained, { name, showsSecrets: true })
        const [shownText, sentText] = [Buffer.from(shown), sent].map(unpacked)
        assert.equal(shownText, withoutId(sentText ?? '', id), name)
      }
      if (kind !== 'esxi') return
      const made = ['script', 'boot.cfg', 'ks.cfg', 'hostmeta.tgz', 'post-install']
      assert.deepEqual(explained.files.slice(0, 6), [...made, 'host.json'])
      const name = '01-52-54-00-00-00-02/boot.cfg'
      const sent = (await server.get(`/b/${id}/${name}`)).body
      assert.match(sent, /BOOTIF=01-52-54-00-00-00-02/)
      assert.equal(await explainFile(deps, explained, { name, showsSecrets: true }), withoutId(sent, id))
    })
  }

  for (const [what, prepare, decision] of [
    ['new', async () => {}, /^wait$/],
    ['finished', async (server) => void (await server.assign(1, 'finished')), /^local$/],
    ['failed', fail, /^hold$/],
    ['of an image that is gone', async (server) => void (await server.assign(1, 'gone')), /^hold$/],
    ['protected in spite of its plan', protectPlanned, /^hold$/],
    ['with a plan that is void', expired, /^wait$/],
    ['of an image that its installer refuses', withoutPassword, /^hold$/],
  ] satisfies readonly (readonly [string, (server: LabServer) => Promise<void>, RegExp])[]) {
    test(`for a host that is ${what}`, async (t) => {
      const server = await lab(t)
      await put(server, 'linux', KINDS['linux'] ?? {})
      await server.boot(EFI)
      await prepare(server)
      const { explained } = await agree(server)
      assert.match(explained.decision.kind, decision)
    })
  }

  test('for a machine that boots by BIOS, and has no loader for it', async (t) => {
    const server = await lab(t)
    const { 'mboot.c32': _gone, ...files } = mediumOf()
    await put(server, 'esxi8', files)
    await server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
    await server.boot(BIOS)
    await server.assign(1, 'esxi8')
    const { explained } = await agree(server, BIOS)
    assert.deepEqual(explained.problems, ['the image has no loader for BIOS, which this host starts by'])
  })

  for (const [what, settings, limit] of [
    ['of the server', { maxInstalls: 1 }, undefined],
    ['of the image', {}, { esxi: { maxInstalls: 1 } }],
  ] as const) {
    test(`for a host that waits for its turn by a limit ${what}, and for one that installs beside it`, async (t) => {
      const server = await lab(t, settings)
      await put(server, 'esxi8', mediumOf())
      await server.store.changeDefaults(undefined, () => ({ esxi: { ...ROOT, ...limit?.esxi } }))
      const other = 'net0=52:54:00:00:00:09&serial=SER-9&platform=efi&arch=x86_64'
      await server.boot(EFI)
      await server.boot(other)
      await server.assign(1, 'esxi8')
      await server.assign(2, 'esxi8')
      await server.boot(other)
      server.later()
      const { maxInstalls } = { maxInstalls: undefined, ...settings }
      const { explained } = await agree(server, EFI, maxInstalls)
      assert.deepEqual(
        [explained.decision.kind, explained.why],
        ['queue', 'its plan is esxi8, and as many hosts install as may at once'],
      )
      const running = await explain(await explainDeps(server, maxInstalls), '2')
      assert.equal(running.decision.kind, 'install')
    })
  }
})

async function fail(server: LabServer): Promise<void> {
  await server.assign(1, 'linux')
  const { id } = await server.boot(EFI)
  assert.equal((await server.post(`/b/${id}/fail`, 'reason=no+disk')).statusCode, 200)
}

async function protectPlanned(server: LabServer): Promise<void> {
  await server.store.changeHost(1, server.now(), protect)
  await server.store.changeHost(1, server.now(), (host) => ({
    host: { ...host, state: 'assigned', plan: { images: ['linux'], end: 'finished' } },
    events: [],
  }))
}

async function expired(server: LabServer): Promise<void> {
  await server.assign(1, 'linux')
  await server.store.changeHost(1, server.now(), (host) => ({ host: { ...host, expiresAt: server.now() }, events: [] }))
  server.later()
}

async function withoutPassword(server: LabServer): Promise<void> {
  await put(server, 'esxi8', mediumOf())
  await server.assign(1, 'esxi8')
}
