import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeStore } from '../../src/commands/open-store.ts'
import { type Host, newHost } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { host, place } from './program.ts'

const SCRIPT = '#!ipxe\nexit\n'

test('a folder without a database is refused and stays as it is', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.editHost('-l')
  assert.equal(code, 1)
  assert.match(stderr, /^error: there is no database /)
  assert.deepEqual(await here.files(), [])
})

test('a plan of images that are there is assigned', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', SCRIPT)
  await here.write('images/esxi8/host.tmpl', SCRIPT)
  await here.addHosts(host(1))
  const { code, stdout, stderr } = await here.editHost('-i', '1', '-s', 'wipe,esxi8', '-n', 'esx1')
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.equal(stdout, 'host 1 (esx1): name is now esx1; plan is wipe,esxi8\n')
  const [edited] = await here.hosts()
  assert.deepEqual([edited?.state, edited?.plan.images], ['assigned', ['wipe', 'esxi8']])
})

test('a name that has only a template can be assigned, as in KIWIspray', async (t) => {
  const here = await place(t)
  await here.write('templates/wipe.tmpl', SCRIPT)
  await here.addHosts(host(1), host(2))
  assert.equal((await here.editHost('-i', '1', '-s', 'wipe')).code, 0)
  const { code, stderr } = await here.editHost('-i', '2', '-s', 'wype')
  assert.deepEqual({ code, stderr }, { code: 1, stderr: 'error: there is no image wype; there are wipe\n' })
})

test('what is refused is told on standard error with exit 1', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { protected: true, hostname: 'esx1' }))
  const { code, stdout, stderr } = await here.editHost('-i', 'esx1', '-s', 'finished')
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.equal(stderr, 'error: host 1 (esx1) is protected; unprotect it first\n')
})

test('of several hosts each is reported, and one refusal keeps no other from its change', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2, { protected: true }), host(3))
  const { code, stdout, stderr } = await here.editHost('-i', '1', '-i', '2', '-i', '3', '-s', 'finished')
  assert.equal(code, 1)
  assert.equal(stdout, 'host 1: set to finished by an operator\nhost 3: set to finished by an operator\n')
  assert.equal(stderr, 'error: host 2 is protected; unprotect it first\n')
})

test('metadata is taken from a file and from standard input', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2))
  const file = await here.write('meta.json', '{"rack": "b4"}')
  await here.editHost('-i', '1', '-m', `@${file}`)
  await here.run(['-i', '2', '-m', '-'], { program: 'edit-host', input: '{"rack": "b5"}' })
  assert.deepEqual(
    (await here.hosts()).map(({ metadata }) => metadata['rack']),
    ['b4', 'b5'],
  )
})

test('metadata in YAML are taken from files that are called so, and from standard input', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2), host(3), host(4))
  const yaml =
    'rack: b4 # left\nport: 0o17\nmac: 52:54:00:12:34:56\nbought: 2026-11-21\nok: yes\nconfig: {hostname: web01}\n'
  const [one, two] = [await here.write('one.yaml', yaml), await here.write('two.YML', yaml)]
  await here.editHost('-i', '1', '-m', `@${one}`)
  await here.editHost('-i', '2', '-m', `@${two}`)
  await here.run(['-i', '3', '-m', '-'], { program: 'edit-host', input: yaml })
  await here.run(['-i', '4', '-m', '-'], { program: 'edit-host', input: ' {"rack": "b5"}' })
  const read = { rack: 'b4', port: 15, mac: '52:54:00:12:34:56', bought: '2026-11-21', ok: 'yes' }
  const metadata = (await here.hosts()).map((found) => found.metadata)
  for (const found of metadata.slice(0, 3)) assert.deepEqual(found, { ...read, config: { hostname: 'web01' } })
  assert.deepEqual(metadata[3], { rack: 'b5' })
})

for (const [what, name, text, message] of [
  [
    'YAML that ends too early',
    'a.yaml',
    'rack: [b4,\n',
    /--metadata @\S*a\.yaml is no YAML: .* at line 2, column 1\n$/,
  ],
  ['a tab in front', 'a.yml', 'a:\n\tb: 1\n', / is no YAML: .* at line 2, column 1\n$/],
  ['a key twice', 'a.yaml', 'a: 1\nb: 2\na: 3\n', / is no YAML: .* at line 3, column 1\n$/],
  ['two documents', 'a.yaml', 'a: 1\n---\na: 2\n', / is no YAML: /],
  ['YAML that is a list', 'a.yaml', '- a\n', / is no YAML of keys like rack: b4\n$/],
  ['an empty YAML', 'a.yaml', '', / is no YAML of keys like rack: b4\n$/],
  ['YAML in a file that is not called so', 'a.json', 'rack: b4\n', / is no JSON: .* at line 1, column 1\n$/],
  [
    'an unknown key of the description',
    'a.yaml',
    'config: {hostnam: x}\n',
    /config\.hostnam is no setting: did you mean config\.hostname/,
  ],
] as const) {
  test(`${what} changes nothing and is told`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const { code, stderr } = await here.editHost('-i', '1', '-m', `@${await here.write(name, text)}`)
    assert.match(stderr, message)
    assert.ok(code === 1 || code === 2)
    assert.deepEqual((await here.hosts())[0]?.metadata, {})
  })
}

test('deleting without --yes is refused where nobody can answer', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const asked = await here.editHost('-i', '1', '--delete')
  assert.equal(asked.code, 1)
  assert.match(asked.stderr, /add --yes/)
  assert.equal((await here.hosts()).length, 1)
  const sure = await here.editHost('-i', '1', '--delete', '--yes')
  assert.equal(sure.code, 0)
  assert.equal((await here.hosts()).length, 0)
})

test('the events of a deleted host are still told', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  await here.editHost('-i', '1', '--delete', '--yes')
  const { code, stdout } = await here.editHost('-i', '1', '--events')
  assert.equal(code, 0)
  assert.match(stdout, /deleted {3}cli \S+ .*deleted by an operator/)
})

test('merging says what became of both hosts', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }), host(2))
  const { stdout } = await here.editHost('-i', 'esx1', '--merge', '2')
  assert.match(stdout, /^host 2 is merged into host 1 \(esx1\) and gone/)
  assert.equal((await here.hosts())[0]?.macs.length, 2)
})

test('the list shows each host on a line, with ages', async (t) => {
  const here = await place(t)
  const installing: Partial<Host> = { state: 'installing', plan: parsePlan('esxi8,new') }
  const expired: Partial<Host> = { state: 'assigned', plan: parsePlan('wipe'), expiresAt: 1, rest: 'finished' }
  await here.addHosts(host(1, { hostname: 'esx1', seenAt: Date.now() - 150_000, ...installing }), host(2, expired))
  const { stdout } = await here.editHost('-l')
  assert.deepEqual(stdout.split('\n'), [
    'Id  Hostname  State             Plan         Serial  Seen    Attention',
    '1   esx1      installing esxi8  esxi8,new    SN1     3m ago',
    '2   -         finished          wipe (void)  SN2     never   expired',
    '',
  ])
})

test('an install that runs is shown with how far it is, in the list, in detail and as JSON', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { state: 'installing', plan: parsePlan('esxi8'), progress: 7, seenAt: 1 }), host(2))
  const at = Date.now()
  const progress = {
    ...({ stage: 'modules', since: at - 6222, heardAt: at } as const),
    done: { files: 49, bytes: 280e6 },
    total: { files: 110, bytes: 612e6 },
  }
  await using store = makeStore(join(here.folder, 'data'))
  await store.saveInstall({ hostId: 1, boot: 7, image: 'esxi8', progress })
  // Not when it last booted, but when it was last heard.
  const heard = /^1 {3}- {9}installing esxi8: modules 45 % {2}esxi8 .* (?:just now|\d+s ago)$/m
  assert.match((await here.editHost('-l')).stdout, heard)
  const { stdout } = await here.editHost('-i', '1')
  assert.match(
    stdout,
    /Install {3}installing esxi8: modules 45 % \(49 of 110 files, 280 of 612 MB, 45 MB\/s\), heard .*$/m,
  )
  const { install } = JSON.parse((await here.editHost('-i', '1', '--json')).stdout)
  assert.deepEqual([install.stage, install.percent, install.filesTotal, install.boot], ['modules', 45, 110, 7])
  assert.equal(JSON.parse((await here.editHost('-i', '2', '--json')).stdout).install, null)
})

test('-ll adds addresses and metadata, -lll what is nested in it and the last events', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { rack: 'b4', dmi: { bios: { vendor: 'AMI' } } } }))
  const two = await here.editHost('-ll')
  assert.match(two.stdout, /MACs {6}02:00:00:00:00:01\n/)
  assert.match(two.stdout, /dmi \{1 key\}\n.*rack 'b4'\n/)
  const three = await here.editHost('-lll')
  assert.match(three.stdout, /dmi\.bios\.vendor 'AMI'\n/)
  assert.match(three.stdout, /imported {2}by a test\n/)
})

test('a host that is only named is shown in full, as KIWIspray did', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { dmi: { bios: 'AMI' } } }), host(2))
  const { code, stdout } = await here.editHost('-i', '1')
  assert.equal(code, 0)
  assert.match(stdout, /dmi\.bios 'AMI'/)
  assert.doesNotMatch(stdout, /SN2/)
})

test('one host as JSON is an object, a list is an array', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2))
  const one = JSON.parse((await here.editHost('-i', '1', '--json')).stdout)
  assert.deepEqual([one.id, one.state, one.hostname, one.plan], [1, 'new', null, ''])
  const all = JSON.parse((await here.editHost('-l', '--json')).stdout)
  assert.deepEqual(
    all.map(({ id }: Host) => id),
    [1, 2],
  )
})

test('what firmware did not say of itself is null in JSON', async (t) => {
  const here = await place(t)
  const firmware = { platform: 'efi', arch: 'x86_64', manufacturer: '', product: '', ipxe: '1.21.1' }
  await here.addHosts(host(1, { firmware }), host(2))
  const all = JSON.parse((await here.editHost('-l', '--json')).stdout)
  assert.deepEqual(
    all.map((one: { firmware: unknown }) => one.firmware),
    [{ ...firmware, manufacturer: null, product: null }, null],
  )
})

test('control characters that a machine brought are shown, not obeyed', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { note: '\u001b[2J\u009b31m' } }))
  const { stdout } = await here.editHost('-lll')
  assert.match(stdout, /'\\u001b\[2J\\u009b31m'/)
  assert.doesNotMatch((await here.editHost('-l', '--json')).stdout, /[\u001b\u009b]/)
})

test('colours are used only when they are wanted', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const run = (env: Record<string, string>) => here.run(['-l'], { program: 'edit-host', env })
  assert.doesNotMatch((await run({ CI: 'true' })).stdout, /\u001b/)
  assert.match((await run({ FORCE_COLOR: '1' })).stdout, /\u001b\[36mnew/)
  assert.doesNotMatch((await run({ FORCE_COLOR: '1', NO_COLOR: '1' })).stdout, /\u001b/)
})

test('the subcommand and the program of its own do the same', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  assert.deepEqual(await here.metalspray('edit-host', '-l'), await here.editHost('-l'))
})

test('a host without any identity is no trouble', async (t) => {
  const here = await place(t)
  await here.addHosts({ ...newHost({ macs: [], serial: undefined, uuid: undefined }, 0), id: 1 })
  assert.equal((await here.editHost('-lll')).code, 0)
})

test("KIWIspray's long names of flags are understood", async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2))
  const named = await here.editHost('--id', '1', '-i', '2', '--hostname', '')
  assert.deepEqual({ code: named.code, stderr: named.stderr }, { code: 0, stderr: '' })
  const { code, stdout } = await here.editHost('--id=1', '--hostname', 'esx1', '--meta', '{"rack":"b4"}', '--list')
  assert.equal(code, 0)
  assert.match(stdout, /^host 1 \(esx1\): name is now esx1; metadata replaced\n/)
  const wrong = await here.editHost('--id', '1', '--meta', '[]')
  assert.match(wrong.stderr, /^error: --metadata "\[\]" is no JSON object/)
})
