import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../../../src/core/errors.ts'
import type { Host } from '../../../../src/core/host.ts'
import type { JsonObject } from '../../../../src/core/json.ts'
import { makeKickstart } from '../../../../src/kinds/esxi/kickstart/make.ts'
import { parseKickstart } from '../../../../src/kinds/esxi/kickstart/parse.ts'
import { splitWords } from '../../../../src/kinds/esxi/kickstart/words.ts'
import { makeModule } from '../../../../src/kinds/esxi/module/module.ts'
import type { InstallRequest } from '../../../../src/kinds/kind.ts'
import { templatesOf } from '../../../render/fixture.ts'
import { runs } from '../../../support/runs.ts'
import { HASH, installRequest } from './fixture.ts'

/** What would act if it stood somewhere by itself. */
const PIECES = [
  '\n%post\nreboot\n',
  '\n%end\n',
  '%%',
  '%pre',
  'include /x',
  "'",
  '"',
  '\\',
  '$(touch x)',
  '`id`',
  '; halt',
  ' --disk=naa.1',
  ' ',
  '#',
  '|',
  'END',
  '\r',
  '\u2028',
  'é',
  'naa.1',
  'a',
]
const nasty = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''))

/** The names of all commands and sections, in their order. */
async function shapeOf(request: InstallRequest): Promise<readonly string[]> {
  const { commands, scripts } = parseKickstart(await makeKickstart(request))
  for (const { isWhole, line } of [...commands, ...scripts]) assert.ok(isWhole, `line ${line}`)
  return [...commands, ...scripts].map(({ name }) => name)
}

/** The same whether a text is refused, in words, or written so that it does nothing. */
async function holds(request: InstallRequest, shape: readonly string[]): Promise<void> {
  try {
    assert.deepEqual(await shapeOf(request), shape)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
  }
}

const SHAPE = ['accepteula', 'install', 'rootpw', 'network', 'reboot', '%pre', '%post', '%firstboot']

test('no value of a setting adds a command or a section, whatever stands in it', async () => {
  const settings: readonly ((text: string) => JsonObject)[] = [
    (text) => ({ disk: text }),
    (text) => ({ disk: `firstdisk=${text}` }),
    (text) => ({ disk: `naa.${text}` }),
    (text) => ({ rootPassword: text }),
    (text) => ({ rootPassword: `${HASH}${text}` }),
    (text) => ({ serial: text }),
    (text) => ({ keyboard: text }),
    (text) => ({ kernelOptions: text }),
    (text) => ({ network: { hostname: text } }),
    (text) => ({ network: { device: text } }),
    (text) => ({ network: { ip: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1', hostname: text } }),
    (text) => ({ network: { ip: '10.0.0.5', netmask: '255.255.255.0', gateway: text } }),
    (text) => ({ network: { ip: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1', nameserver: [text] } }),
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...settings), nasty, async (make, text) => {
      await holds(installRequest({ layers: [make(text), { rootPassword: HASH }] }), SHAPE)
    }),
    { numRuns: runs(400) },
  )
  const matching = ['accepteula', '%include', ...SHAPE.slice(2)]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('model', 'vendor'), nasty, async (key, text) => {
      await holds(installRequest({ layers: [{ disk: { [key]: text } }, { rootPassword: HASH }] }), matching)
    }),
    { numRuns: runs(200) },
  )
})

test('nor does anything that is known of a host, nor a snippet', async () => {
  const fields: readonly ((text: string) => Partial<Host>)[] = [
    (text) => ({ hostname: text }),
    (text) => ({ serial: text }),
    (text) => ({ uuid: text }),
    (text) => ({ metadata: { [text]: text, note: text, openstack: { meta_data: { name: text } } } }),
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fields), nasty, async (field, text) => {
      const request = installRequest()
      const named = { ...request, host: { ...request.host, ...field(text) } }
      await holds(named, SHAPE)
      await makeModule(named).catch((error) => assert.ok(error instanceof ProvisionError))
      await holds(
        installRequest({ snippets: { 'pre/1-a.sh': text, 'post/1-a.py': text, 'firstboot/1-a.sh': text } }),
        SHAPE.toSpliced(6, 0, '%post'),
      )
    }),
    { numRuns: runs(300) },
  )
})

test('a value that an operator’s own template prints is one argument by ks(), or is refused', async (t) => {
  const template = '<% for (const label of it.labels) { -%>\npart <%= ks(label) %> --ondisk=naa.9\n<% } -%>\n'
  const { templates } = templatesOf(t, { 'images/esxi8/ks.cfg.eta': template })
  fc.assert(
    fc.property(nasty, (label) => {
      let text: string
      try {
        text = templates.kindFile({ image: 'esxi8', kind: 'esxi' }, 'ks.cfg', { labels: [label] })
      } catch (error) {
        assert.match(String(error), /control characters or other than ASCII/)
        return
      }
      assert.deepEqual(splitWords(text.trimEnd()), ['part', label, '--ondisk=naa.9'])
    }),
  )
})
