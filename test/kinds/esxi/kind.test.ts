// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE's settings look like that.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { Firmware } from '../../../src/core/host.ts'
import { parseBootCfg } from '../../../src/kinds/esxi/boot-cfg/parse.ts'
import { esxi } from '../../../src/kinds/esxi/esxi.ts'
import { hostMetaData, hostNetworkData } from '../../../src/kinds/esxi/module/metadata.ts'
import type { InstallRequest } from '../../../src/kinds/kind.ts'
import { hostWith, installOf, templatesOf } from '../../render/fixture.ts'
import { commandsOf } from '../../render/ipxe-model.ts'
import { type Asked, imageOf, mediumOf, ROOT, requestOf, without } from './media.ts'

const BASE = 'http://10.77.0.1:5000/b/0123456789abcdef0123456789abcdef'
const FIRMWARE: Firmware = { platform: 'efi', arch: 'x86_64', manufacturer: '', product: '', ipxe: '' }

async function fileOf(name: string, request: InstallRequest): Promise<string | Buffer | undefined> {
  return (await esxi.bootFile?.(name, request))?.body
}

async function bootCfgOf(asked: Asked = {}) {
  return parseBootCfg(String(await fileOf('boot.cfg', await requestOf(asked))))
}

const problemsOf = async (asked: Asked) => (await esxi.problems?.(await requestOf(asked))) ?? []

test("boot.cfg is made of the image's own for the card that the machine booted from, or its first one", async () => {
  const cfg = await bootCfgOf({ mac: '02:00:00:00:00:0b' })
  assert.equal(cfg.prefix, `${BASE}/tree`)
  assert.equal(cfg.title, 'Loading ESXi installer - esx01')
  assert.equal(cfg.kernelopt, `runweasel ks=${BASE}/ks.cfg BOOTIF=01-02-00-00-00-00-0b`)
  assert.equal(cfg.modules.at(-1)?.path, `${BASE}/hostmeta.tgz`)
  assert.match((await bootCfgOf()).kernelopt ?? '', / BOOTIF=01-02-00-00-00-00-0a$/)
  assert.equal((await bootCfgOf({ host: { hostname: undefined } })).title, 'Loading ESXi installer - host 7')
})

test('it is a plain text, the same each time it is asked for', async () => {
  const request = await requestOf()
  const file = await esxi.bootFile?.('boot.cfg', request)
  assert.equal(file?.type, 'text/plain; charset=utf-8')
  assert.deepEqual(await esxi.bootFile?.('boot.cfg', request), file)
  assert.match(String(file?.body), /\nkernel=b\.b00\n$/)
})

test("kernel options of the image, of the operator's settings, strongest last", async () => {
  const cfg = await bootCfgOf({
    imageJson: { kernelOptions: 'noIOMMU com1_baud=9600', esxi: { systemMediaSize: 'min', kernelOptions: 'weak=1' } },
    settings: [{ kernelOptions: 'com1_baud=115200 vlanid=7' }],
  })
  assert.equal(
    cfg.kernelopt,
    `runweasel ks=${BASE}/ks.cfg BOOTIF=01-02-00-00-00-00-0a noIOMMU systemMediaSize=min com1_baud=115200 vlanid=7`,
  )
})

test('with Secure Boot there is no module, neither named nor served', async () => {
  const settings = [{ secureBoot: true }]
  const modules = (await bootCfgOf({ settings })).modules.map(({ path }) => path)
  assert.equal(modules.at(-1), 'imgpayld.tgz')
  assert.equal(await fileOf('hostmeta.tgz', await requestOf({ settings })), undefined)
})

describe('what mboot would not take is refused before it is served, and listed for people', () => {
  const long = 'x'.repeat(240)
  const withModule = (name: string) => ({
    ...mediumOf(),
    [name]: '',
    'efi/boot/boot.cfg': `kernel=/b.b00\nmodules=/s.v00 --- /${name}\n`,
  })
  const cases: readonly (readonly [string, Asked, RegExp])[] = [
    ['a long module', { files: withModule(`${long}.v00`) }, /module x+\.\.\. has \d+ bytes .* at most 255/],
    ['a long command line', { settings: [{ kernelOptions: long.repeat(17) }] }, /command line has \d+ bytes/],
    [
      'a kickstart of their own',
      { settings: [{ kernelOptions: 'a ks=http://x/ks.cfg' }] },
      /"ks=http:\/\/x\/ks\.cfg", which the server sets/,
    ],
    ['a card of their own', { imageJson: { kernelOptions: 'bootif=01-00' } }, /image\.json hold "bootif=01-00"/],
    ['an open quote', { settings: [{ kernelOptions: 'a="b c' }] }, /a quote without its end|quotes closed/],
    ['a separator', { settings: [{ kernelOptions: 'a---b' }] }, /hold ---/],
    ['several lines', { settings: [{ kernelOptions: 'a\nmodules=x' }] }, /more than one line|one line/],
    ['an address with a separator', { base: 'http://a---b:5000' }, /server's address .* holds a blank or ---/],
  ]
  for (const [name, asked, message] of cases) {
    test(name, async () => {
      assert.match((await problemsOf(asked)).join('; '), message)
      await assert.rejects(fileOf('boot.cfg', await requestOf(asked)), { name: 'ProvisionError', message })
    })
  }

  test('and nothing is wrong with a plain medium', async () => assert.deepEqual(await problemsOf({}), []))
})

test('a host whose firmware the image has no loader for is told so', async () => {
  const medium = mediumOf()
  const asked = (files: typeof medium, firmware: Partial<Firmware>) =>
    problemsOf({ files, host: { firmware: { ...FIRMWARE, ...firmware } } })
  assert.deepEqual(await asked(medium, {}), [])
  assert.deepEqual(await asked(medium, { arch: '' }), [])
  assert.deepEqual(await asked(medium, { platform: 'pcbios', arch: 'i386' }), [])
  assert.deepEqual(await asked(without(medium, 'mboot.c32'), { platform: 'pcbios', arch: 'i386' }), [
    'the image has no loader for BIOS, which this host starts by',
  ])
  assert.match((await asked(medium, { arch: 'arm64' })).join(), /no loader for arm64 UEFI/)
  assert.match((await asked(medium, { arch: 'i386' })).join(), /no loader for i386 UEFI/)
})

test('the probe for COMBOOT begins like a COM32 program and is too large for a boot sector', async () => {
  const probe = await fileOf('comboot.c32', await requestOf())
  assert.ok(probe instanceof Buffer)
  assert.equal(probe.subarray(0, 5).toString('hex'), 'b8ff4ccd21')
  assert.ok(probe.length > 0xa0000 - 0x7c00)
})

test('every file that a boot fetches counts for a stage of its install', async () => {
  const { parts } = await imageOf({ ...mediumOf(), 'efi/boot/bootaa64.efi': '' })
  const roles = Object.keys(parts).filter((role) => role !== 'bootCfg')
  assert.deepEqual(Object.keys(esxi.stages?.parts ?? {}).sort(), roles.sort())
  const request = await requestOf()
  for (const name of Object.keys(esxi.stages?.files ?? {}))
    assert.notEqual(await fileOf(name, request), undefined, name)
})

test('other names are files of nobody', async () => {
  for (const name of ['BOOT.CFG', 'crypto64.efi', 'constructor', '']) {
    assert.equal(await fileOf(name, await requestOf()), undefined)
  }
})

describe('the metadata', () => {
  const host = hostWith({ hostname: 'esx01' })

  test("is the operator's own in OpenStack's form, when there is one", () => {
    const openstack = { meta_data: { uuid: 'x', hostname: 'y' }, network_data: { links: [], networks: [] } }
    const own = { ...host, metadata: { openstack } }
    assert.deepEqual(hostMetaData({ host: own, description: [] }), openstack.meta_data)
    assert.deepEqual(hostNetworkData({ host: own, description: [] }), openstack.network_data)
    assert.equal(
      hostMetaData({ host: { ...host, metadata: { openstack: 'no' } }, description: [] })['hostname'],
      'esx01',
    )
  })

  test('or what is known of the host: its name, its cards, DHCP on the first', () => {
    assert.deepEqual(hostMetaData({ host, description: [] }), { uuid: host.uuid, hostname: 'esx01', name: 'esx01' })
    assert.deepEqual(hostNetworkData({ host, description: [] }), {
      links: [
        { id: 'nic0', type: 'phy', ethernet_mac_address: '02:00:00:00:00:0a', mtu: null },
        { id: 'nic1', type: 'phy', ethernet_mac_address: '02:00:00:00:00:0b', mtu: null },
      ],
      networks: [{ id: 'network0', type: 'ipv4_dhcp', link: 'nic0' }],
      services: [],
    })
    assert.deepEqual(hostNetworkData({ host: { ...host, macs: [] }, description: [] }), {
      links: [],
      networks: [],
      services: [],
    })
    assert.equal(hostMetaData({ host: { ...host, hostname: undefined }, description: [] })['hostname'], 'host-7')
  })
})

describe('the boot script', () => {
  async function scriptOf(t: Parameters<typeof templatesOf>[0], files = mediumOf()): Promise<string> {
    const image = await imageOf(files)
    return templatesOf(t).templates.bootScript(installOf('esxi8', { decision: { kind: 'install', image } }))
  }

  test('starts the loader of each firmware with the boot.cfg of the card', async (t) => {
    const files = { ...mediumOf(), 'efi/boot/bootaa64.efi': '' }
    const script = await scriptOf(t, files)
    assert.match(script, /^#!ipxe\n/)
    assert.ok(script.includes(`set cfg ${BASE}/01-\${netX/mac:hexhyp}/boot.cfg\n`))
    for (const loader of ['efi/boot/bootx64.efi', 'efi/boot/bootaa64.efi', 'mboot.c32']) {
      assert.ok(script.includes(`\nkernel ${BASE}/tree/${loader} -c \${cfg} || goto esxi_failed\n`), loader)
    }
  })

  test('every label that it goes to is there, once, whichever loaders the image has', async (t) => {
    const media = [
      mediumOf(),
      without(mediumOf(), 'mboot.c32'),
      without(mediumOf(), 'efi/boot/bootx64.efi'),
      { ...without(mediumOf(), 'mboot.c32', 'efi/boot/bootx64.efi'), 'efi/boot/bootaa64.efi': '' },
    ]
    for (const files of media) {
      const script = await scriptOf(t, files)
      const labels = [...script.matchAll(/^:(\w+)$/gm)].map(([, label]) => label)
      const goals = commandsOf(script, { expandFirst: false }).flatMap(([name, goal]) =>
        name === 'goto' ? [goal] : [],
      )
      assert.equal(new Set(labels).size, labels.length)
      assert.deepEqual(
        goals.filter((goal) => !labels.includes(goal ?? '')),
        [],
      )
      assert.equal(script.includes('mboot.c32'), 'mboot.c32' in files)
    }
  })
})

test('the module holds the kickstart, the host and the way back to the server', async (t) => {
  const { templates } = templatesOf(t)
  const render: InstallRequest['render'] = (name, data) =>
    templates.kindFile({ image: 'esxi8', kind: 'esxi' }, name, data)
  const request = await requestOf({ render })
  const module = await fileOf('hostmeta.tgz', request)
  assert.ok(module instanceof Buffer)
  assert.deepEqual(await fileOf('hostmeta.tgz', request), module)
  const tar = gunzipSync(module).toString('latin1')
  for (const name of ['', 'host.json', 'ks.cfg', 'meta_data.json', 'network_data.json']) {
    assert.ok(tar.includes(`metalspray/${name}\0`), name)
  }
  assert.ok(tar.includes(`"started": "${BASE}/stage/started"`))
  assert.ok(tar.includes(String(await fileOf('ks.cfg', request))))
})

test('what is known of the host can be fetched too, for there is no module under Secure Boot', async () => {
  const metadata = { rack: 'b4', esxi: { ...ROOT, secureBoot: true } }
  const request = await requestOf({ host: { metadata } })
  const read = async (name: string) => JSON.parse(String(await fileOf(name, request)))
  const { hostname, metadata: shown, urls } = await read('host.json')
  assert.deepEqual([hostname, shown.rack, urls.finish], ['esx01', 'b4', `${BASE}/finish`])
  assert.equal(shown.esxi.rootPassword, '(set)')
  assert.equal((await read('meta_data.json')).hostname, 'esx01')
  assert.equal((await read('network_data.json')).links.length, 2)
})

test('what the installer would refuse of a kickstart is a problem as well', async (t) => {
  const { templates } = templatesOf(t)
  const render: InstallRequest['render'] = (name, data) =>
    templates.kindFile({ image: 'esxi8', kind: 'esxi' }, name, data)
  assert.deepEqual(await problemsOf({ render }), [])
  const files = { ...mediumOf(), 'firstboot/10-x.sh': 'true\n' }
  assert.match((await problemsOf({ render, files, settings: [{ secureBoot: true }] })).join(), /under Secure Boot/)
  const wrong = await problemsOf({ render, settings: [{ keybord: 'German' }] })
  assert.equal(wrong.length, 1)
  assert.match(wrong.join(), /keybord/)
})

test('what goes on, but otherwise than it is meant, is a warning', async (t) => {
  const { templates } = templatesOf(t)
  const render: InstallRequest['render'] = (name, data) =>
    templates.kindFile({ image: 'esxi8', kind: 'esxi' }, name, data)
  const warningsOf = async (asked: Asked) => (await esxi.warnings?.(await requestOf({ render, ...asked }))) ?? []
  assert.deepEqual(await warningsOf({}), [])
  assert.deepEqual(await warningsOf({ settings: [{ reboot: false }] }), [
    'kickstart (reboot): without reboot the installer waits for Enter at its end',
  ])
  const secure = [{ secureBoot: true }]
  assert.match(
    (await warningsOf({ settings: secure })).join(),
    /^the name esx01 is not set under Secure Boot with DHCP/,
  )
  const network = { ip: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1' }
  assert.deepEqual(await warningsOf({ settings: [{ secureBoot: true, network }] }), [])
  const own = () =>
    `accepteula\ninstall --firstdisk --overwritevmfs\nrootpw --iscrypted ${ROOT.rootPassword}\nreboot\nrebot\n`
  assert.match((await warningsOf({ render: own })).join(), /^kickstart, line 5 \(unknown\): rebot is no command/)
  // Where something is wrong, that comes first.
  assert.deepEqual(await warningsOf({ render: () => 'rebot\n' }), [])
  assert.deepEqual(await warningsOf({ settings: [{ keybord: 'x' }] }), [])
})
