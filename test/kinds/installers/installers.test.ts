import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseYaml } from '../../../src/commands/config/parse-yaml.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { networkConfigs, systemConfigs } from '../../support/host-config.ts'
import { parseKickstart, parsePreseed } from './check-files.ts'
import { fileFor, RICH } from './fixture.ts'

const NAMES = ['preseed.cfg', 'ks.cfg', 'autoinst.xml', 'autoinstall/user-data', 'late.sh']
const HOSTS: { readonly [host: string]: JsonObject } = { rich: RICH, empty: {} }

/** What would act, were it not quoted, in any of the forms. */
const HOSTILE = `'"\`$(touch /tmp/hurt)\${HOME}\\ <b>&amp;]]>--> %end`
const HOSTILE_LINES = `${HOSTILE}\n%end\n]]>\nEOF\n'\nd-i a/b string c\nlate-commands: [x]\n\\`

const hostile: JsonObject = {
  ...RICH,
  users: [{ name: 'eve', description: HOSTILE, sshKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ${HOSTILE}`] }],
  root: { sshKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ${HOSTILE}`] },
  kernelSettings: { a: HOSTILE },
  files: [{ path: `/etc/'$(x)&<%end`, content: HOSTILE_LINES }],
  commands: { before: [HOSTILE_LINES], after: [HOSTILE_LINES] },
}

for (const [host, config] of Object.entries(HOSTS)) {
  for (const name of NAMES) {
    test(`${name} of the ${host} host is as it was looked at`, () => {
      const golden = join(import.meta.dirname, 'golden', host, name.replace('/', '-'))
      assert.equal(fileFor(name, config), readFileSync(golden, 'utf8'))
    })
  }
}

const configs = fc
  .tuple(networkConfigs, systemConfigs, fc.option(fc.constantFrom('/dev/sda', '/dev/disk/by-id/ata-x:1')))
  .map(([network, system, installDisk]) => ({
    ...network,
    ...system,
    ...(installDisk === null ? {} : { installDisk }),
  }))

describe('whatever a host is to be', () => {
  test('its preseed file has answers alone', () => {
    fc.assert(fc.property(configs, (config) => void parsePreseed(fileFor('preseed.cfg', config))))
  })

  test('its kickstart has commands and sections alone, and asks for one network', () => {
    fc.assert(
      fc.property(configs, (config) => {
        const { commands, sections } = parseKickstart(fileFor('ks.cfg', config))
        assert.deepEqual(
          sections.map(({ head }) => head),
          ['%packages', '%post --nochroot --log=/tmp/metalspray.log'],
        )
        assert.equal(commands.filter(([command]) => command === 'network').length, 1)
        assert.equal(
          commands.some(([command]) => command === 'clearpart'),
          'installDisk' in config,
        )
      }),
    )
  })

  test("Ubuntu's answers are YAML with all of the description in them", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const read = parseYaml(fileFor('autoinstall/user-data', config), 'user-data', '1.1') as {
          autoinstall: { 'user-data': { runcmd?: unknown; write_files?: readonly { content: string }[] } }
        }
        const { runcmd = [], write_files = [] } = read.autoinstall['user-data']
        const { commands, files = [] } = config as JsonObject & {
          commands?: { after: readonly string[] }
          files?: readonly { content: string }[]
        }
        assert.deepEqual(runcmd, commands?.after ?? [])
        assert.deepEqual(
          write_files.map(({ content }) => content),
          files.map(({ content }) => content),
        )
      }),
    )
  })

  test("SUSE's profile is XML", (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const files = [hostile, ...fc.sample(configs, 100)].map((config, at) => {
      const file = join(folder, `${at}.xml`)
      writeFileSync(file, fileFor('autoinst.xml', config))
      return file
    })
    assert.equal(execFileSync('xmllint', ['--nonet', '--noout', ...files], { encoding: 'utf8' }), '')
    const end = '/*[local-name()="profile"]/*[local-name()="scripts"]//*[local-name()="source"]'
    const source = execFileSync('xmllint', ['--xpath', `string(${end})`, join(folder, '0.xml')], { encoding: 'utf8' })
    execFileSync('sh', ['-n'], { input: source })
    assert.match(source, /^curl .* http:\S+\/late\.sh && sh \/tmp\/late\.sh \/mnt \S+\n$/)
  })

  test('the script of its end is one for a shell', () => {
    fc.assert(
      fc.property(configs, (config) => void execFileSync('sh', ['-n'], { input: fileFor('late.sh', config) })),
      { numRuns: 30 },
    )
  })
})

describe('texts that would act', () => {
  test('are texts in every form', () => {
    assert.deepEqual(
      [...parsePreseed(fileFor('preseed.cfg', hostile)).keys()],
      [...parsePreseed(fileFor('preseed.cfg', RICH)).keys()],
    )
    assert.equal(parseKickstart(fileFor('ks.cfg', hostile)).sections.length, 2)
    const yaml = parseYaml(fileFor('autoinstall/user-data', hostile), 'user-data', '1.1') as {
      autoinstall: { 'late-commands': readonly unknown[]; 'user-data': { bootcmd: readonly string[] } }
    }
    assert.equal(yaml.autoinstall['late-commands'].length, 1)
    assert.deepEqual(yaml.autoinstall['user-data'].bootcmd, [HOSTILE_LINES])
  })
})

test('a static address of a card that is known by its MAC is what Debian is told', () => {
  const answers = parsePreseed(
    fileFor('preseed.cfg', {
      dns: { servers: ['10.0.0.53'] },
      links: [{ name: 'a', mac: '52:54:00:12:34:56' }],
      networks: [{ link: 'a', address: '10.0.0.2/22', gateway: '10.0.0.1' }],
    }),
  )
  assert.equal(answers.get('netcfg/get_ipaddress'), '10.0.0.2')
  assert.equal(answers.get('netcfg/get_netmask'), '255.255.252.0')
  assert.equal(answers.get('netcfg/get_gateway'), '10.0.0.1')
  assert.equal(answers.get('netcfg/get_nameservers'), '10.0.0.53')
  const early = answers.get('preseed/early_command') ?? ''
  execFileSync('sh', ['-n'], { input: early })
  assert.match(early, /= 52:54:00:12:34:56 \]; then debconf-set netcfg\/choose_interface .*; kill-all-dhcp; netcfg$/)
})
