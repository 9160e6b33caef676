import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseJson } from '../../src/cli/json-text.ts'
import { host, MAIN, place } from './program.ts'

test('a mistyped command is refused with the one that was meant', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.spawn(['serv'])
  assert.equal(code, 2)
  assert.match(stderr, /unknown command 'serv'[\s\S]*serve/)
})

test('without a command the help goes to standard error, with exit 2', async (t) => {
  const here = await place(t)
  const { code, stdout, stderr } = await here.metalspray()
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  assert.match(stderr, /Usage: metalspray/)
})

for (const command of ['serve', 'edit-host', 'import-known-hosts', 'backup']) {
  test(`${command} --help tells its flags on standard output, with exit 0`, async (t) => {
    const here = await place(t)
    const { code, stdout, stderr } = await here.metalspray(command, '--help')
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /--data <dir>/)
  })
}

test('the version is that of the package', async (t) => {
  const here = await place(t)
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const { code, stdout, stderr } = await here.spawn(['--version'])
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('a default folder is that of METALSPRAY_HOME, a given one that of the person', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const env = { METALSPRAY_HOME: here.folder }
  assert.equal((await here.run(['edit-host', '-l'], { env, cwd: '/' })).code, 0)
  const given = await here.run(['edit-host', '-l', '--data', 'data'], { env, cwd: '/' })
  assert.match(given.stderr, /there is no database \/data\/metalspray.sqlite/)
})

test('a reader that stops early is no error', async (t) => {
  const here = await place(t)
  await here.addHosts(...Array.from({ length: 5000 }, (_, index) => host(index + 1)))
  const child = spawn(process.execPath, [MAIN, 'edit-host', '-l'], {
    cwd: here.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  child.stdout.once('data', () => child.stdout.destroy())
  assert.deepEqual([await once(child, 'close'), stderr], [[0, null], ''])
})

test('a database that is none is refused in one line', async (t) => {
  const here = await place(t)
  await here.write(
    'data/metalspray.sqlite',
    'this was a shopping list, and is long enough to be looked at as a database\n'.repeat(99),
  )
  const { code, stderr } = await here.spawn(['-l'], { program: 'edit-host' })
  assert.equal(code, 1)
  assert.match(stderr, /^error: cannot open the database .*: file is not a database\n$/)
})

test("KIWIspray's list is taken over, and its plans are held", async (t) => {
  const here = await place(t)
  const list = [
    { id: 1, hostname: 'not-set', macs: '02:00:00:00:00:01', serial: 'A', uuid: '', state: 'finished', metadata: {} },
    { id: 2, hostname: 'esx2', macs: '02:00:00:00:00:02', serial: 'B', uuid: '', state: 'wipe,esxi8', metadata: {} },
  ]
  await here.write('known_hosts.json', JSON.stringify(list))
  const trial = await here.metalspray('import-known-hosts', 'known_hosts.json', '--dry-run')
  assert.match(trial.stdout, /^would import 2 hosts: 0 new, 1 finished, 1 held\n/)
  assert.deepEqual(await here.files(), ['known_hosts.json'])
  const { code, stdout } = await here.metalspray('import-known-hosts', 'known_hosts.json')
  assert.equal(code, 0)
  assert.match(stdout, / {2}host 2 \(esx2\): wipe,esxi8 \(not in the images folder: wipe, esxi8\)\n/)
  assert.deepEqual(
    (await here.hosts()).map(({ state }) => state),
    ['finished', 'failed'],
  )
})

test('broken JSON is refused with its place', async (t) => {
  const here = await place(t)
  const { code, stderr } = await here.spawn(['import-known-hosts', '-'], { input: '[{"id": 1,\n  "state" "new"}]' })
  assert.deepEqual(
    { code, stderr },
    { code: 1, stderr: `error: standard input is no JSON: Expected ':' at line 2, column 11\n` },
  )
})

for (const [what, text, place_] of [
  ['a comma too many', '[\n  {"id": 1},\n]', "Unexpected token ']' at line 3, column 1"],
  ['a comma too few', `[{"id": 1}${' '.repeat(40)}{"id": 2}]`, "Expected ',' or ']' at line 1, column 51"],
  ['no JSON at all', 'hello\n', "Unexpected token 'h' at line 1, column 1"],
  ['a word of Python', '[{"id": 1, "serial": None}]', "Unexpected token 'N' at line 1, column 22"],
  ['a value that is missing', '{"a":}', "Unexpected token '}' at line 1, column 6"],
  ['the first half', '[{"id": 1,', 'Expected double-quoted property name at its end'],
  ['nothing', '', 'Unexpected end of JSON input at its end'],
] as const) {
  test(`${what} is told with its place`, () => {
    assert.throws(() => parseJson(text), { kind: 'invalid', message: `is no JSON: ${place_}` })
  })
}

test('a backup is a database of its own, and never takes the place of a file', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { hostname: 'esx1' }))
  assert.equal((await here.metalspray('backup', 'copy/metalspray.sqlite')).code, 1)
  await here.write('copy/README', '')
  assert.match((await here.metalspray('backup', 'copy/metalspray.sqlite')).stdout, /^wrote .*kB\)\n$/)
  assert.match((await here.metalspray('edit-host', '-l', '--data', 'copy')).stdout, /esx1/)
  const again = await here.metalspray('backup', 'copy/metalspray.sqlite')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /exists already/)
})
