import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openWorkshop } from '../../src/cli/images-folder.ts'
import { explainFile } from '../../src/commands/explain/make-files.ts'
import { explain } from '../../src/commands/explain.ts'
import { plannableImages } from '../../src/commands/workshop.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { installing, type LabServer, labServer } from './lab-server.ts'

const BASE = 'http://10.77.0.1:5000'
const HASH = `$6$salt$${'x'.repeat(86)}`
const CONFIG = { hostname: 'web01.example.org', installDisk: '/dev/sda', root: { passwordHash: HASH } }
const NAMES = [
  ...['preseed.cfg', 'ks.cfg', 'autoinst.xml', 'late.sh'],
  ...['autoinstall/user-data', 'autoinstall/meta-data', 'autoinstall/vendor-data'],
]

async function described(server: LabServer, more: JsonObject = {}): Promise<void> {
  const metadata = { config: { ...CONFIG, ...more } }
  await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata }, events: [] }))
}

/** What is shown of the next boot of the host. */
async function explaining(server: LabServer) {
  const folders = { images: join(server.folder, 'images'), templates: join(server.folder, 'templates') }
  const workshop = openWorkshop(server.store, folders, BASE)
  const { find } = await plannableImages(workshop, folders)
  const deps = { ...workshop, find, maxInstalls: undefined, now: server.now }
  return { deps, explained: await explain(deps, '1') }
}

test('a boot of a Linux has what its installer asks for, and explain shows the same without the hash', async (t) => {
  const server = await labServer(t, { baseUrl: BASE })
  const { id } = await installing(server)
  await described(server)
  const { deps, explained } = await explaining(server)
  for (const name of NAMES) {
    assert.ok(explained.files.includes(name), name)
    const { statusCode, body, headers } = await server.get(`/b/${id}/${name}`)
    assert.equal(statusCode, 200, `${name}: ${body}`)
    assert.equal(headers['cache-control'], 'no-store')
    const shown = String(await explainFile(deps, explained, { name, showsSecrets: true }))
    assert.equal(shown, body.replaceAll(id, '0'.repeat(32)))
    const hidden = String(await explainFile(deps, explained, { name, showsSecrets: false }))
    assert.equal(hidden.includes(HASH), false, name)
  }
  assert.match((await server.get(`/b/${id}/ks.cfg`)).body, /^rootpw --iscrypted \$6\$salt\$x+$/m)
  assert.equal((await server.get(`/b/${id}/autoinstall/x`)).statusCode, 404)
  assert.equal((await server.get(`/b/${'0'.repeat(32)}/ks.cfg`)).statusCode, 404)
})

test("an image's own template wins, then the operator's; a value that is not quoted is told with its place", async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  await described(server)
  await server.put('templates/kinds/linux/ks.cfg.eta', 'theirs <%= it.fqdn %>\n')
  await server.put('templates/kinds/linux/autoinst.xml.eta', '<a b="<%= it.host.serial + \'<\' %>"/>\n')
  server.later()
  assert.equal((await server.get(`/b/${id}/ks.cfg`)).body, 'theirs web01.example.org\n')
  await server.put('images/demo/ks.cfg.eta', "own <%= xml('<&\"') %>\n")
  server.later()
  assert.equal((await server.get(`/b/${id}/ks.cfg`)).body, 'own &#60;&#38;&#34;\n')
  const { statusCode } = await server.get(`/b/${id}/autoinst.xml`)
  assert.ok(statusCode >= 400 && statusCode < 500, String(statusCode))
  assert.match(
    JSON.stringify(await server.events(1)),
    /autoinst\.xml\.eta:1: .* means something in XML; write xml\(\.\.\.\)/,
  )
})

describe('the post-install script of a KIWI image makes the host what it is to be', () => {
  const scripts: readonly (readonly [string, string])[] = [
    [
      'eta',
      'name=<%= sh(it.config.hostname) %> hash=<%= sh(it.config.root.passwordHash) %>\nfor s in<% for (const s of it.config.ntp.servers) { %> <%= sh(s) %><% } %>; do\n',
    ],
    ['tmpl', 'name=@config.hostname@ hash=@config.root.passwordHash@\nfor s in @config.ntp.servers@; do\n'],
  ]
  for (const [type, template] of scripts) {
    test(type, async (t) => {
      const server = await labServer(t, { baseUrl: BASE })
      for (const file of ['pxeboot.kernel', 'pxeboot.initrd.xz', 'disk-1.0.xz']) await server.put(`images/demo/${file}`)
      await server.put('images/demo/image.json', '{"kind": "kiwi"}')
      await server.put(`images/demo/post_install.${type}`, template)
      const { id } = await installing(server)
      await described(server, { ntp: { servers: ['192.0.2.1', 'ntp.example.org'] } })
      const { body } = await server.get(`/b/${id}/post-install`)
      assert.equal(body, `name=web01.example.org hash='${HASH}'\nfor s in 192.0.2.1 ntp.example.org; do\n`)
      const { deps, explained } = await explaining(server)
      const shown = await explainFile(deps, explained, { name: 'post-install', showsSecrets: true })
      assert.equal(shown, body)
      const hidden = String(await explainFile(deps, explained, { name: 'post-install', showsSecrets: false }))
      assert.match(hidden, /hash='\$6\$not\.shown\$/)
    })
  }
})
