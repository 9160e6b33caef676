import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { readHostConfig } from '../../../../src/core/config/read-config.ts'
import { isJsonObject, type JsonObject } from '../../../../src/core/json.ts'
import { tryKickstart } from '../../../../src/kinds/esxi/kickstart/make.ts'
import { makeModule } from '../../../../src/kinds/esxi/module/module.ts'
import { temporaryFolder } from '../../../images/folder.ts'
import { networkConfigs, systemConfigs } from '../../../support/host-config.ts'
import { installRequest } from '../kickstart/fixture.ts'
import type { HostNic } from './cases/case.ts'
import { STORAGE_HOST } from './cases/storage.ts'
import { expectNetwork } from './expect-network.ts'
import { expectSystem } from './expect-system.ts'
import { simulate } from './simulate.ts'

const run = promisify(execFile)
const HOSTS = process.env['METALSPRAY_FUZZ'] === 'quick' ? 25 : 100

/** The cards that {@link networkConfigs} is about. */
const NICS: readonly HostNic[] = [0, 1, 2, 3, 4, 5].map((at) => ({ name: `vmnic${at}`, mac: `52:54:00:00:01:0${at}` }))

const FIRST = NICS[0]?.mac ?? ''

/** What ESXi alone knows. */
const ofEsxi: fc.Arbitrary<JsonObject> = fc.record(
  {
    domain: fc.constant('example.org'),
    ssh: fc.record({ enabled: fc.boolean() }),
    shell: fc.boolean(),
    syslog: fc.constant({ servers: ['udp://192.0.2.9:514', 'loghost'] }),
    licence: fc.constant('00000-11111-22222-AAAAA-BBBBB'),
    datastores: fc.subarray<JsonObject>([
      { name: 'local', disks: 'boot' },
      { name: 'fast', disks: [{ serial: 'PHLN123 456' }], wipe: 'superblock' },
      { name: 'big', disks: [{ minSize: '2TB' }] },
    ]),
    advancedSettings: fc.constant({ '/UserVars/SuppressShellWarning': 1, '/Syslog/global/logHost': 'x' }),
    kernelSettings: fc.constant({ hyperthreading: false, logPort: 'com1' }),
  },
  { requiredKeys: [] },
)

const UNPACK =
  'for file; do tar -tzf "$file" >/dev/null && tar -xzOf "$file" metalspray/host-config.json | tr -d "\\n"; echo; done'

const models = fc.sample(
  fc.tuple(networkConfigs, systemConfigs, ofEsxi).map((parts): JsonObject => Object.assign({}, ...parts)),
  HOSTS,
)

test('for any host that can be described there is a kickstart that the installer takes', async () => {
  for (const model of models) {
    const { problems } = await tryKickstart(installRequest({ description: [model], mac: FIRST }))
    assert.deepEqual(problems, [], JSON.stringify(model))
  }
})

test('for any host that can be described there is a module that lists, and commands that ESXi takes, or a refusal by name', async (t) => {
  const folder = await temporaryFolder(t)
  const modules = models.map((_, at) => join(folder, `${at}.tgz`))
  for (const [at, path] of modules.entries()) {
    await writeFile(path, await makeModule(installRequest({ description: [models[at] ?? {}], mac: FIRST })))
  }
  // As the host reads it: out of the module.
  const { stdout } = await run('sh', ['-c', UNPACK, 'sh', ...modules], { maxBuffer: 1 << 28 })
  const inputs = stdout.trimEnd().split('\n').map(asConfig)
  assert.equal(inputs.length, models.length)
  const cases = inputs.map((config, at) => ({ name: String(at), config, nics: NICS, host: STORAGE_HOST }))
  const results = await simulate(cases)
  let done = 0
  for (const [at, model] of models.entries()) {
    const { first, second, after } = results.get(String(at)) ?? assert.fail('no result')
    if (!first.ok) {
      const why = first.log.filter((line) => line.includes('(status 1)') && !line.startsWith('ended'))
      assert.equal(why.length, 1, `${why.join('\n')}\n${JSON.stringify(model)}`)
      assert.match(why[0] ?? '', /ESXi has nothing like the bond mode \S+, only/)
      continue
    }
    done += 1
    const config = asConfig(JSON.stringify(readHostConfig([model])))
    expectNetwork(config, NICS, after)
    // Without servers nothing is said of time or logs.
    const { ntp: _, syslog: __, ...others } = config
    const servers = Object.entries(model).filter(([key]) => key === 'ntp' || key === 'syslog')
    expectSystem({ ...others, ...Object.fromEntries(servers) }, after)
    assert.deepEqual(second.commands, [])
  }
  assert.ok(done > models.length / 3, `${done} of ${models.length}`)
})

function asConfig(text: string): JsonObject {
  const value: unknown = text === '' ? {} : JSON.parse(text)
  assert.ok(isJsonObject(value))
  return value
}
