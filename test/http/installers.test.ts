import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openWorkshop } from '../../src/cli/images-folder.ts'
import { explain, explainFile } from '../../src/commands/explain.ts'
import { plannableImages } from '../../src/commands/workshop.ts'
import { installing, type LabServer, labServer } from './lab-server.ts'

const BASE = 'http://10.77.0.1:5000'
const HASH = `$6$salt$${'x'.repeat(86)}`
const CONFIG = { hostname: 'web01.example.org', installDisk: '/dev/sda', root: { passwordHash: HASH } }
const NAMES = [
  ...['preseed.cfg', 'ks.cfg', 'autoinst.xml', 'late.sh'],
  ...['autoinstall/user-data', 'autoinstall/meta-data', 'autoinstall/vendor-data'],
]

async function described(server: LabServer): Promise<void> {
  const metadata = { config: CONFIG }
  await server.store.changeHost(1, 0, (host) => ({ host: { ...host, metadata }, events: [] }))
}

test('a boot of a Linux has what its installer asks for, and explain shows the same without the hash', async (t) => {
  const server = await labServer(t, { baseUrl: BASE })
  const { id } = await installing(server)
  await described(server)
  const folders = { images: join(server.folder, 'images'), templates: join(server.folder, 'templates') }
  const workshop = openWorkshop(server.store, folders, BASE)
  const { find } = await plannableImages(workshop, folders)
  const deps = { ...workshop, find, maxInstalls: undefined, now: server.now }
  const explained = await explain(deps, '1')
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

test('a post-install script finds the description, without its secrets', async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  await described(server)
  const template = 'name=<%= sh(it.config.hostname) %> hash=<%= sh(it.config.root.passwordHash) %>\n'
  await server.put('images/demo/post_install.eta', template)
  server.later()
  assert.equal((await server.get(`/b/${id}/post-install`)).body, "name=web01.example.org hash='(set)'\n")
})
