import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verify } from 'unixcrypt'
import { isRootHash } from '../../src/kinds/esxi/password.ts'
import { uefiHost, writeMedium } from './esxi-medium.ts'
import { host, MAIN, type Place, place } from './program.ts'

const SECRET = 'Top-S3cret.x'
const HASH = `$6$saltsalt$${'a'.repeat(86)}`

async function hashOf(here: Place, index = 0): Promise<string> {
  const esxi = (await here.hosts())[index]?.metadata['esxi'] as { readonly rootPassword?: string } | undefined
  return esxi?.rootPassword ?? ''
}

function isHashOf(password: string, hash: string): boolean {
  return isRootHash(hash) && verify(password, hash)
}

/** Runs the program on a terminal of its own, and types an answer whenever it asks. */
async function onTerminal(here: Place, args: readonly string[], answers: readonly string[]) {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: here.folder })
  const left = [...answers]
  let shown = ''
  let arguments_ = ''
  const question = /(?:Root password|The same again): $/
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    if (!question.test(shown) || left.length === 0) return
    arguments_ = commandLines()
    child.stdin.write(left.shift() ?? '')
  })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  return { code, shown: shown.replaceAll('\r\n', '\n'), arguments_ }
}

function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1')
      } catch {
        return '' // it is gone
      }
    })
    .join('\n')
}

test('the root password is asked for twice, and shown by nothing', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const asked = await onTerminal(here, ['edit-host', '-i', '1', '--root-password'], [`${SECRET}\r`, `${SECRET}\r`])
  assert.equal(asked.shown, 'Root password: \nThe same again: \nhost 1: metadata: esxi.rootPassword set\n')
  assert.equal(asked.code, 0)
  assert.ok(isHashOf(SECRET, await hashOf(here)))
  assert.match(asked.arguments_, /--root-password/)
  assert.doesNotMatch(asked.arguments_, new RegExp(SECRET))
})

test('what was typed wrong can be mended, and two that differ are refused', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const args = ['edit-host', '-i', '1', '--root-password']
  const differing = await onTerminal(here, args, [`${SECRET}\r`, `${SECRET}y\r`])
  assert.match(differing.shown, /again: \nerror: the two are not the same; nothing was changed\n$/)
  assert.deepEqual([differing.code, await hashOf(here)], [1, ''])
  const mended = await onTerminal(here, args, [`${SECRET}y\x7f\r`, `nonsense\x15${SECRET}\r`])
  assert.deepEqual([mended.code, isHashOf(SECRET, await hashOf(here))], [0, true])
})

for (const [what, key] of [
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04'],
] as const) {
  test(`${what} instead of a password changes nothing`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const { code, shown } = await onTerminal(here, ['edit-host', '-i', '1', '--root-password', '-n', 'esx1'], [key])
    assert.deepEqual([code, shown], [130, 'Root password: \nstopped; nothing was changed\n'])
    assert.equal((await here.hosts())[0]?.hostname, undefined)
  })
}

test('an unknown host is told before anything is asked', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const { code, shown } = await onTerminal(here, ['edit-host', '-i', '9', '--root-password'], [])
  assert.deepEqual([code, shown], [1, 'error: no host is known as "9"\n'])
})

for (const [what, input] of [
  ['a line', `${SECRET}\n`],
  ['a line of Windows', `${SECRET}\r\n`],
  ['a text without an end', SECRET],
] as const) {
  test(`standard input gives it as ${what}`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const { code, stderr } = await here.run(['edit-host', '-i', '1', '--root-password-stdin'], { input })
    assert.deepEqual([code, stderr], [0, ''])
    assert.ok(isHashOf(SECRET, await hashOf(here)))
  })
}

for (const [what, input, message] of [
  ['none', '\n', /^error: the root password is empty\n$/],
  ['two lines', `${SECRET}\n\n`, /^error: the root password has more than one line\n$/],
  ['a short one', 'a.4-xy\n', /^error: the root password has 6 characters; ESXi wants 7 to 40\n$/],
  ['a long one', `a.4-${'x'.repeat(37)}\n`, /^error: the root password has 41 characters; ESXi wants 7 to 40\n$/],
  [
    'what a console cannot type',
    'pässword.1\n',
    /^error: the root password has other characters than printable ASCII\n$/,
  ],
  ['a file', 'x'.repeat(20_000), /^error: standard input is too long for a password\n$/],
] as const) {
  test(`${what} is no root password`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const { code, stderr } = await here.run(['edit-host', '-i', '1', '--root-password-stdin'], { input })
    assert.match(stderr, message)
    assert.deepEqual([code, await hashOf(here)], [1, ''])
  })
}

test('a password that ESXi would not take from a person is taken with a warning: as a hash it is not looked at', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const { code, stderr } = await here.run(['edit-host', '-i', '1', '--root-password-stdin'], { input: 'Password1\n' })
  assert.match(stderr, /^warning: this is a weak root password: it has fewer than three of /)
  assert.doesNotMatch(stderr, /Password1/)
  assert.deepEqual([code, isHashOf('Password1', await hashOf(here))], [0, true])
})

test('a hash is taken as it is, for each host that is named', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1), host(2))
  const { code } = await here.editHost('-i', '1', '-i', '2', '--root-password-hash', HASH)
  assert.deepEqual([code, await hashOf(here), await hashOf(here, 1)], [0, HASH, HASH])
})

for (const [what, args, code, message] of [
  ['a password on the command line', ['--root-password', SECRET], 2, /^error: --root-password takes no password: /],
  ['a password behind the flag', [`--root-password=${SECRET}`], 2, /^error: --root-password takes no password: /],
  ['a password behind a mistyped flag', [`--root-pasword=${SECRET}`], 2, /^error: unknown option '--root-pasword'\n/],
  ['a password as a hash', ['--root-password-hash', SECRET], 1, /^error: esxi\.rootPassword is no SHA-512 crypt hash/],
  ['a password as a setting', ['--set', `esxi.rootPassword=${SECRET}`], 1, /is no SHA-512 crypt hash/],
  [
    'a password behind a wrong path',
    ['--set', `esxi..rootPassword=${SECRET}`],
    2,
    /^error: --set esxi\.\.rootPassword has/,
  ],
  ['a password in metadata', ['-m', `{"esxi": {"rootPassword": "${SECRET}"}}`], 1, /is no SHA-512 crypt hash/],
  ['two ways', ['--root-password-stdin', '--root-password-hash', HASH], 2, /exclude each other/],
  ['a way and a setting', ['--root-password-hash', HASH, '--unset', 'esxi.rootPassword'], 2, /set or unset twice/],
  ['standard input for two things', ['-m', '-', '--root-password-stdin'], 2, /both read standard input/],
  ['a question that nobody hears', ['--root-password'], 2, /nobody is here to answer; use --root-password-stdin/],
] as const) {
  test(`${what} is refused, and not repeated`, async (t) => {
    const here = await place(t)
    await here.addHosts(host(1))
    const told = await here.metalspray('edit-host', '-i', '1', ...args)
    assert.match(told.stderr, message)
    assert.doesNotMatch(told.stderr + told.stdout, new RegExp(SECRET))
    assert.deepEqual([told.code, (await here.hosts())[0]?.metadata], [code, {}])
  })
}

test('a password and its hash are in no output, no event and no log of the database', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1))
  const set = await here.run(['edit-host', '-i', '1', '--root-password-stdin', '--json'], { input: SECRET })
  const hash = await hashOf(here)
  const outputs = [set.stdout + set.stderr]
  for (const args of [
    ['edit-host', '-lll'],
    ['edit-host', '--events', '--json'],
    ['explain', '1', '--image', 'esxi8'],
  ]) {
    const { code, stdout, stderr } = await here.metalspray(...args)
    assert.equal(code, 0)
    outputs.push(stdout + stderr)
  }
  for (const output of outputs) assert.ok(!output.includes(SECRET) && !output.includes(hash.slice(-40)))
  for (const file of readdirSync(join(here.folder, 'data'))) {
    assert.ok(!readFileSync(join(here.folder, 'data', file)).includes(SECRET), file)
  }
})

test('without a root password ESXi is not assigned, and each command that is told mends it', async (t) => {
  const here = await place(t)
  await writeMedium(here, 'esxi8')
  await here.addHosts(uefiHost(1))
  const { code, stderr } = await here.editHost('-i', '1', '-s', 'esxi8')
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: esxi8 cannot be installed on host 1:\n {2}without a root password no ESXi can be installed/,
  )
  const commands = [...stderr.matchAll(/(?:metalspray defaults|edit-host)[^;\n]*? --root-password\b/g)].map(
    ([text]) => text,
  )
  assert.equal(commands.length, 3)
  for (const command of commands) {
    const there = await place(t)
    await writeMedium(there, 'esxi8')
    await there.addHosts(uefiHost(1))
    const args = `${command.replace(/^metalspray /, '')}-stdin`.split(' ')
    assert.equal((await there.run(args, { input: SECRET })).code, 0)
    assert.equal((await there.editHost('-i', '1', '-s', 'esxi8')).code, 0)
  }
})
