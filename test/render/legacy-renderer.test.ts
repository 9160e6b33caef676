// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE's settings and the shell's variables look like that.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../../src/core/json.ts'
import { renderLegacyScript, renderLegacyShell } from '../../src/render/legacy-renderer.ts'
import { type LegacySubject, pythonText } from '../../src/render/legacy-values.ts'
import { TemplateError } from '../../src/render/template-error.ts'
import { runs } from '../support/runs.ts'
import { BOOTID, hostWith } from './fixture.ts'
import { commandsOf } from './ipxe-model.ts'

function sourceOf(text: string) {
  return { root: { directory: '/nowhere', label: 'images' }, name: 'x/t.tmpl', shown: 'images/x/t.tmpl', text }
}

function subjectWith(metadata: JsonObject = {}, changes: Parameters<typeof hostWith>[0] = {}): LegacySubject {
  return { host: hostWith({ metadata, ...changes }), server: { address: '10.77.0.1', port: 5000 }, bootid: BOOTID }
}

const script = (text: string, subject = subjectWith()) => renderLegacyScript(sourceOf(text), subject)
const shell = (text: string, subject = subjectWith()) => renderLegacyShell(sourceOf(text), subject)

test("KIWIspray's placeholders have KIWIspray's values", () => {
  const plan = { images: ['wipe', 'esxi8'], end: 'finished' } as const
  const subject = subjectWith({ rack: 'r1', n: 3 }, { hostname: 'esx1', state: 'installing', plan })
  const text =
    '@HOST@|@id@|@hostname@|@state@|@macs@|@serial@|@uuid@|@bootid@|@metadata.rack@|@SERVER_IP@:@SERVER_PORT@|@metadata.n@'
  assert.equal(
    script(text, subject),
    `7|7|esx1|wipe|02:00:00:00:00:0A 02:00:00:00:00:0B|SN-1|0F0E0D0C-0B0A-0908-0706-050403020100|${BOOTID}|r1|10.77.0.1:5000|3`,
  )
})

test('the description of a host is put in by its paths', () => {
  const config = {
    dns: { servers: ['192.0.2.1', 'it is'] },
    ssh: { enabled: true },
    links: [{ name: "l'an" }],
    commands: { after: [] },
  }
  const subject = { ...subjectWith(), config }
  assert.equal(shell('for s in @config.dns.servers@; do', subject), "for s in 192.0.2.1 'it is'; do")
  assert.equal(shell('for s in @config.commands.after@; do', subject), 'for s in ; do')
  assert.equal(shell('x=\'@config.dns.servers@\' y="@config.ssh.enabled@"', subject), 'x=\'192.0.2.1 it is\' y="true"')
  assert.equal(
    shell('@config.links@ [@config.hostname@] @config.nothing@', subject),
    `'[{"name":"l'\\''an"}]' [''] @config.nothing@`,
  )
  assert.deepEqual(JSON.parse(shell("'@config@'", { ...subject, config: { a: [1] } }).slice(1, -1)), { a: [1] })
  assert.equal(shell('@config.hostname@'), '@config.hostname@', 'without a description')
  assert.throws(() => shell('x=@config.a@', { ...subject, config: { a: 'b\nc' } }), /has more than one line/)
})

test('a host without a plan has its state as its state', () => {
  for (const state of ['new', 'finished', 'failed'] as const)
    assert.equal(script('@state@', subjectWith({}, { state })), state)
})

test('the data of a host are one echo per field, sorted', () => {
  assert.equal(
    script('@HOST_DATA@', subjectWith({ rack: 'r1', tags: ['a', true, null] }, { hostname: 'esx1' })),
    [
      `echo * bootid: "${BOOTID}"`,
      'echo * hostname: "esx1"',
      'echo * id: "7"',
      'echo * macs: "02:00:00:00:00:0A 02:00:00:00:00:0B"',
      `echo * metadata: "{'rack': 'r1', 'tags': ['a', True, None]}"`,
      'echo * serial: "SN-1"',
      'echo * state: "new"',
      'echo * uuid: "0F0E0D0C-0B0A-0908-0706-050403020100"',
    ].join('\n'),
  )
})

test('placeholders that mean nothing stay as they are', () => {
  assert.equal(script('@nothing@ @id a@b.c @HOST_data@ @'), '@nothing@ @id a@b.c @HOST_data@ @')
  assert.equal(script('@x@id@y@'), '@x7y@')
  assert.equal(
    shell('if [ @metadata.fqdn@ != "@metadata"."fqdn@" ]; then'),
    'if [ @metadata.fqdn@ != "@metadata"."fqdn@" ]; then',
  )
})

test('HOST_DATA means nothing in a post-install script', () => {
  assert.equal(shell('@HOST_DATA@'), '@HOST_DATA@')
})

test('a substituted value is never looked at again', () => {
  const subject = subjectWith({ a: '@bootid@', b: '@metadata.a@' })
  assert.equal(script('@metadata.a@ @metadata.b@', subject), '@bootid@ @metadata.a@')
})

test('values print as in Python', () => {
  assert.equal(
    pythonText({ a: "it's", b: '"', c: [1, 2.5], d: {}, e: 'x\ny\\' }),
    `{'a': "it's", 'b': '"', 'c': [1, 2.5], 'd': {}, 'e': 'x\\ny\\\\'}`,
  )
  assert.equal(pythonText('plain'), 'plain')
  assert.equal(pythonText(false), 'False')
})

test('no metadata can become an iPXE command', () => {
  const parts = fc.constantFrom(
    '${',
    'net0/mac}',
    '||',
    '&&',
    ';',
    '#',
    'chain',
    ' ',
    '\n',
    '\r',
    '\\',
    '$',
    '{',
    '@bootid@',
    '-',
    '"',
  )
  const value = fc.array(parts, { maxLength: 8 }).map((all) => all.join(''))
  const template = 'echo * @metadata.a@@metadata.b@\nkernel url a=@metadata.a@ @metadata.b@\nboot'
  fc.assert(
    fc.property(value, value, (a, b) => {
      for (const expandFirst of [true, false]) {
        const commands = commandsOf(script(template, subjectWith({ a, b })), { expandFirst })
        assert.deepEqual(
          commands.map((command) => command[0]),
          ['echo', 'kernel', 'boot'],
        )
        assert.ok(!commands.flat().join(' ').includes('\u0001'))
      }
    }),
    { numRuns: runs(2000) },
  )
})

test('each place in a shell script gets the quoting that it wants', () => {
  const subject = subjectWith({ v: `a'b"c $(d) \`e\` \\` })
  const text =
    'A=@metadata.v@\nB=\'x @metadata.v@ y\'\nC="x @metadata.v@ y"\n# @metadata.v@\nprintf \'%s|\' "$A" "$B" "$C"\n'
  const result = spawnSync('sh', { input: shell(text, subject), encoding: 'utf8' })
  const value = `a'b"c $(d) \`e\` \\`
  assert.equal(result.stdout, `${value}|x ${value} y|x ${value} y|`)
})

test('several addresses stay several words', () => {
  assert.equal(shell('for mac in @macs@; do'), 'for mac in 02:00:00:00:00:0A 02:00:00:00:00:0B; do')
})

test('a harmless value is written even where the place is not clear', () => {
  assert.equal(
    shell('cat <<EOF\n@id@ @hostname@\nEOF\n', subjectWith({}, { hostname: 'esx1.example.org' })),
    'cat <<EOF\n7 esx1.example.org\nEOF\n',
  )
})

test('a value that a shell reads is refused where the place is not clear, with file and line', () => {
  const subject = subjectWith({ v: 'a $(reboot)' })
  for (const text of [
    '\ncat <<EOF\n@metadata.v@\nEOF\n',
    '\necho `echo\n@metadata.v@`',
    '\nx=$\n${y:-@metadata.v@}',
    '\n\nx=\\@metadata.v@',
    '#!/usr/bin/python3\n\nx = "@metadata.v@"',
  ]) {
    assert.throws(
      () => shell(text, subject),
      (error) => {
        assert.ok(error instanceof TemplateError)
        assert.match(
          error.message,
          /^images\/x\/t\.tmpl:3: @metadata\.v@: "a \$\(reboot\)" cannot be quoted safely here/,
          text,
        )
        return true
      },
    )
  }
})

test('no value gets out of its place in any shell script', () => {
  const pieces = fc.constantFrom(
    "'",
    '"',
    '$(',
    ')',
    '`',
    '#',
    '\n',
    ' ',
    '\\',
    '\\\n',
    '<<E\n',
    'E\n',
    '<',
    '(',
    ';',
    '&',
    '|',
    '$',
    '${x:-',
    '${x}',
    '}',
    '{',
    '$((',
    '))',
    'case x in ',
    'x)',
    ';;',
    'esac',
    'echo ',
    'x=',
    "$'",
    '$"',
    '!',
    '[ ',
    ' ]',
    '@metadata.v@',
    ' @metadata.v@ ',
    '"@metadata.v@"',
    "'@metadata.v@'",
  )
  const payloads = fc.constantFrom(
    "';echo PWNED>&9;'",
    '";echo PWNED>&9;"',
    ';echo PWNED>&9;',
    '$(echo PWNED>&9)',
    '`echo PWNED>&9`',
    '\necho PWNED>&9\n',
    "\\';echo PWNED>&9;'",
    '(echo PWNED>&9)',
    "'\necho PWNED>&9\n'",
    '\nE\necho PWNED>&9\n',
    '}";echo PWNED>&9;"',
    '#\necho PWNED>&9',
  )
  const shells = ['/bin/sh', '/bin/bash'].filter((path) => existsSync(path))
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 9 }), payloads, (parts, v) => {
      const text = `${parts.join('')}@metadata.v@\n`
      let rendered: string
      try {
        rendered = shell(text, subjectWith({ v }))
      } catch (error) {
        assert.ok(error instanceof TemplateError)
        return
      }
      for (const name of shells) {
        const { output } = spawnSync(name, ['-c', rendered], {
          stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
          encoding: 'utf8',
          timeout: 5000,
          cwd: '/',
          env: { PATH: '/nowhere' },
        })
        assert.equal(output[9], '', `${name}: ${rendered}`)
      }
    }),
    { numRuns: runs(400) },
  )
})
