import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../../src/core/json.ts'
import { makeKickstart } from '../../../src/kinds/esxi/kickstart/make.ts'
import { kickstartProblems } from '../../../src/kinds/esxi/kickstart/problems.ts'
import { HASH, installRequest } from './kickstart/fixture.ts'

const OTHER = `$6$other$${'x'.repeat(86)}`
const CARD = { name: 'a', mac: '52:54:00:00:00:01' }
const STATIC = { link: 'a', address: '192.0.2.10/25', gateway: '192.0.2.1' }

async function commandsOf(config: JsonObject, esxi: JsonObject = {}, hostname = 'esx01') {
  const request = installRequest({ description: [config], esxi, hostname })
  assert.deepEqual(await kickstartProblems(request), [])
  const text = await makeKickstart(request)
  const find = (word: string) => text.split('\n').find((line) => line.startsWith(`${word} `))
  return { network: find('network'), rootpw: find('rootpw'), serialnum: find('serialnum') }
}

describe('of what a host is to be, the installer itself does', () => {
  test('an address on a card, with a gateway', async () => {
    const { network } = await commandsOf({
      domain: 'example.org',
      dns: { servers: '192.0.2.53' },
      links: [CARD],
      networks: [STATIC],
    })
    assert.equal(
      network,
      'network --bootproto=static --ip=192.0.2.10 --netmask=255.255.255.128 --gateway=192.0.2.1 --nameserver=192.0.2.53 --hostname=esx01.example.org --device=52:54:00:00:00:01',
    )
  })

  test('a VLAN, and one card of a bond', async () => {
    const links = [
      CARD,
      { name: 'b', mac: '52:54:00:00:00:02' },
      { name: 'z', type: 'bond', members: ['b', 'a'] },
      { name: 'v', type: 'vlan', link: 'z', id: 7 },
    ]
    const { network } = await commandsOf({ links, networks: [{ ...STATIC, link: 'v' }] })
    assert.match(network ?? '', / --vlanid=7\b/)
    assert.match(network ?? '', / --device=52:54:00:00:00:02\b/)
  })

  test('DHCP where it could not do what is meant', async () => {
    for (const network of [
      { link: 'a', address: '2001:db8::10/64', gateway: '2001:db8::1' },
      { link: 'a', address: '192.0.2.10/24' },
      { link: 'a', method: 'slaac' },
    ]) {
      const made = await commandsOf({ links: [CARD], networks: [network] })
      assert.match(made.network ?? '', /^network --bootproto=dhcp /)
    }
  })

  test("root's password and the licence", async () => {
    const made = await commandsOf({ root: { passwordHash: OTHER }, licence: '00000-11111-22222-33333-44444' })
    assert.equal(made.rootpw, `rootpw --iscrypted ${OTHER}`)
    assert.match(made.serialnum ?? '', /00000-11111-22222-33333-44444/)
  })
})

describe('what is set for ESXi itself counts first', () => {
  test('at the same place', async () => {
    const { rootpw } = await commandsOf({ root: { passwordHash: OTHER } }, { rootPassword: HASH })
    assert.equal(rootpw, `rootpw --iscrypted ${HASH}`)
  })

  test('and its network as a whole', async () => {
    const esxi = { network: { ip: '198.51.100.9', netmask: '255.255.255.0', gateway: '198.51.100.1' } }
    const { network } = await commandsOf({ links: [CARD], networks: [STATIC] }, esxi)
    assert.match(network ?? '', /--ip=198\.51\.100\.9 /)
    assert.doesNotMatch(network ?? '', /192\.0\.2/)
  })
})
