import assert from 'node:assert/strict'
import { chmod, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { assign, forget } from '../../src/core/edit.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { installing, type LabServer, labServer, MACHINE, putLinux } from './lab-server.ts'

const types = async (server: LabServer, id: number) => (await server.events(id)).map(({ type }) => type)

const isScript = (text: string) => /^#!ipxe\n/.test(text)

describe('/bootstrap.ipxe', () => {
  test('is the same text for every machine, and opens no boot', async (t) => {
    const server = await labServer(t)
    const before = server.dump()
    const [first, second] = [await server.get('/bootstrap.ipxe'), await server.get('/bootstrap.ipxe?net0=x')]
    assert.equal(first.statusCode, 200)
    assert.equal(first.body, second.body)
    assert.ok(isScript(first.body))
    assert.match(first.body, /\/bootstrap\?/)
    assert.equal(server.dump(), before)
  })

  test('names the address of --base-url when there is one', async (t) => {
    const server = await labServer(t, { baseUrl: 'https://boot.example/lab' })
    assert.match((await server.get('/bootstrap.ipxe')).body, /^set base https:\/\/boot\.example\/lab$/m)
  })
})

describe('a machine', () => {
  test('that was never seen is kept with all that it says, and waits', async (t) => {
    const server = await labServer(t)
    const { script } = await server.boot(
      `v=2&platform=efi&arch=x86_64&ipxe=${hex('1.21.1+')}&uuid=5D0B0DC2-1111-4222-8333-444455556666&serial=${hex('Ser 1#&')}` +
        `&mfr=${hex('Dell Inc.')}&prod=${hex('R640 "x"\u0000\u0000')}&mac=52-54-00-00-00-02&net0=52-54-00-00-00-01&net1=&net2=`,
    )
    assert.match(script, /waits/)
    const host = await server.host(1)
    assert.deepEqual(host.macs, ['52:54:00:00:00:02', '52:54:00:00:00:01'])
    assert.deepEqual([host.serial, host.uuid], ['SER 1#&', '5d0b0dc2-1111-4222-8333-444455556666'])
    assert.deepEqual(host.firmware, {
      ...{ platform: 'efi', arch: 'x86_64', ipxe: '1.21.1+' },
      ...{ manufacturer: 'Dell Inc.', product: 'R640 "x"' },
    })
    assert.deepEqual(await types(server, 1), ['discovered', 'booted'])
  })

  test("that speaks KIWIspray's raw form is the same machine", async (t) => {
    const server = await labServer(t)
    await server.boot(`v=2&serial=${hex('AB 12')}&net0=52-54-00-00-00-01`)
    await server.boot('net0=52:54:00:00:00:01&net1=&serial=AB+12&uuid=&dhcp_mac=52:54:00:00:00:01')
    assert.equal((await server.store.listHosts()).length, 1)
  })

  const partial: readonly (readonly [string, string])[] = [
    ['one MAC address', 'net0=52:54:00:00:00:01'],
    ['a serial', 'serial=SER-1'],
    ['a UUID', 'uuid=5d0b0dc2-1111-4222-8333-444455556666'],
    [
      'a MAC address and placeholders',
      'net0=52:54:00:00:00:01&serial=To+be+filled+by+O.E.M.&uuid=00000000-0000-0000-0000-000000000000',
    ],
  ]
  for (const [name, query] of partial) {
    test(`that has no more than ${name} is a host all the same, and the same one the next time`, async (t) => {
      const server = await labServer(t)
      await server.boot(query)
      await server.boot(query)
      assert.equal((await server.store.listHosts()).length, 1)
    })
  }

  const unreadable: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /no MAC address, serial or UUID/],
    ['placeholders alone', 'serial=None&net0=00:00:00:00:00:00', /no MAC address, serial or UUID/],
    ['a MAC address that is none', 'net0=52:54&serial=SER-1', /is not a MAC address/],
    ['a UUID that is none', 'uuid=1&serial=SER-1', /is not a UUID/],
    ['hex that is none', 'v=2&serial=xyz', /serial "xyz" is not hex/],
    ['half a byte of hex', 'v=2&serial=414', /is not hex/],
    ['control characters', `serial=a%0Areboot`, /control characters/],
    ['control characters in hex', `v=2&serial=${hex('a\nreboot')}`, /control characters/],
    ['a serial without an end', `serial=${'x1'.repeat(200)}`, /too long/],
    ['too many parameters', Array.from({ length: 65 }, (_, i) => `p${i}=1`).join('&'), /too many parameters/],
    ['iPXE commands', `net0=\${net0/mac}%20||%20shell`, /is not a MAC address/],
  ]
  for (const [name, query, why] of unreadable) {
    test(`that says ${name} is told so by a script, and nothing is kept of it`, async (t) => {
      const server = await labServer(t)
      await server.boot(MACHINE)
      const before = server.dump()
      const { script, id } = await server.boot(query)
      assert.match(script, why)
      assert.equal(id, '')
      assert.doesNotMatch(script, /^\s*(?:reboot|shell)|echo[^\n]* (?:\|\||&&) /m)
      assert.equal(server.dump(), before)
    })
  }

  test('that has other cards than before has them learned, and keeps its plan', async (t) => {
    const server = await labServer(t)
    await server.boot(MACHINE)
    await server.boot(`${MACHINE}&net1=52:54:00:00:00:02`)
    assert.deepEqual((await server.host(1)).macs, ['52:54:00:00:00:01', '52:54:00:00:00:02'])
    assert.ok((await types(server, 1)).includes('identity'))
  })

  test('gets a new bootid each time it asks, and no other machine gets it', async (t) => {
    const server = await labServer(t)
    const ids = new Set<string>()
    for (let i = 0; i < 20; i++) ids.add((await server.boot(`net0=52:54:00:00:01:${10 + (i % 5)}`)).id)
    assert.equal(ids.size, 20)
    assert.doesNotMatch(server.dump(), new RegExp([...ids].join('|')))
  })
})

describe('machines that cannot be told apart', () => {
  test('are shown the conflict; both hosts have an event, neither is changed', async (t) => {
    const server = await labServer(t)
    await server.boot('net0=52:54:00:00:00:01&serial=SER-1')
    await server.boot('net0=52:54:00:00:00:02&serial=SER-2')
    await putLinux(server, 'demo')
    await server.assign(1, 'demo')
    const before = await server.store.listHosts()
    const { script, id } = await server.boot('net0=52:54:00:00:00:01&net1=52:54:00:00:00:02')
    assert.match(script, /this machine fits host 1 and host 2/)
    assert.match(script, /edit-host -i 1 --merge 2/)
    assert.equal(id, '')
    assert.deepEqual(await server.store.listHosts(), before)
    for (const host of [1, 2]) assert.equal((await types(server, host)).at(-1), 'conflict')
  })

  test('because makers gave them one serial are two hosts for good, once the first has let go of it', async (t) => {
    const server = await labServer(t)
    const first = 'net0=52:54:00:00:00:01&serial=SER-1&uuid=4c4c4544-0051-3510-8052-000000000001'
    const second = 'net0=52:54:00:00:00:02&serial=SER-1&uuid=4c4c4544-0051-3510-8052-000000000002'
    await server.boot(first)
    assert.match((await server.boot(second)).script, /shares its serial with host 1/)
    await server.store.changeHost(1, 0, (host) => forget(host, 'serial'))
    for (const round of ['first', 'again']) {
      for (const machine of [second, first]) assert.match((await server.boot(machine)).script, /waits/, round)
    }
    const serials = (await server.store.listHosts()).map(({ id, serial }) => [id, serial])
    assert.deepEqual(serials, [
      [1, 'SER-1'],
      [2, 'SER-1'],
    ])
  })

  test('are two boxes with one serial: the second is shown whose it is', async (t) => {
    const server = await labServer(t)
    await server.boot('net0=52:54:00:00:00:01&serial=SER-1')
    const { script } = await server.boot('net0=52:54:00:00:00:02&serial=SER-1')
    assert.match(script, /shares its serial with host 1/)
    assert.doesNotMatch(script, /--merge/)
    assert.equal((await types(server, 1)).at(-1), 'conflict')
  })
})

describe('--discover', () => {
  test('gives a new machine the image discover, then it is new and waits', async (t) => {
    const server = await labServer(t, { discover: true })
    await putLinux(server, 'discover', 'demo')
    const { id, script } = await server.boot(MACHINE)
    assert.match(script, /^kernel .*\/tree\/vmlinuz/m)
    const query = `id=1&bootid=${id}`
    assert.equal((await server.post(`/update?${query}`, 'metadata={"cores":4}')).statusCode, 200)
    assert.equal((await server.get(`/finish?${query}`)).statusCode, 200)
    assert.equal((await server.get('/state?id=1')).body, 'new\n')
    assert.deepEqual((await server.host(1)).metadata, { cores: 4 })
    assert.match((await server.boot(MACHINE)).script, /waits/)
    await server.assign(1, 'demo')
    assert.equal((await server.get('/state?id=1')).body, 'demo\n')
  })

  test('without such an image holds the machine until it is there', async (t) => {
    const server = await labServer(t, { discover: true })
    assert.match((await server.boot(MACHINE)).script, /image discover is not on the server/)
    await putLinux(server, 'discover')
    assert.match((await server.boot(MACHINE)).script, /^kernel /m)
  })
})

describe('an image', () => {
  test('that went away holds the host, which keeps its plan', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await rm(join(server.folder, 'images/demo'), { recursive: true })
    server.later()
    assert.match((await server.boot(MACHINE)).script, /image demo is not on the server/)
    assert.deepEqual((await server.host(1)).plan.images, ['demo'])
    assert.equal((await server.get(`/b/${id}/tree/vmlinuz`)).statusCode, 404)
  })

  test('that lost a file holds the host with the reason, until it is mended', async (t) => {
    const server = await labServer(t)
    await installing(server)
    const [kernel, away] = ['images/demo/vmlinuz', 'images/vmlinuz'].map((file) => join(server.folder, file))
    await rename(kernel ?? '', away ?? '')
    server.later()
    assert.match((await server.boot(MACHINE)).script, /image demo cannot be used: .*kernel/)
    await rename(away ?? '', kernel ?? '')
    server.later()
    assert.match((await server.boot(MACHINE)).script, /^kernel /m)
  })

  test('may be a template alone', async (t) => {
    const server = await labServer(t)
    await server.put('templates/rescue.tmpl', '#!ipxe\necho rescue @id@ at @SERVER_IP@:@SERVER_PORT@\n')
    await server.boot(MACHINE)
    await server.assign(1, 'rescue')
    assert.equal((await server.boot(MACHINE)).script, '#!ipxe\necho rescue 1 at 127.0.0.1:0\n')
  })

  test('whose plan expired is not applied', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    await server.boot(MACHINE)
    const until = Date.UTC(2026, 0, 1) + 60_000
    await server.store.changeHost(1, 0, (host) => assign(host, parsePlan('demo'), until))
    server.later(60_000)
    assert.match((await server.boot(MACHINE)).script, /waits/)
    assert.ok((await types(server, 1)).includes('expired'))
  })
})

describe('a template that is wrong', () => {
  const broken: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'a missing value',
      'host.eta',
      '#!ipxe\necho <%= it.nothing %>\n',
      /images\/demo\/host\.eta:2: it\.nothing is undefined/,
    ],
    ['bad JavaScript', 'host.eta', '#!ipxe\n\n<% if ( %>\n', /images\/demo\/host\.eta:\d+: .*JavaScript/],
    ['a thrown error', 'host.eta', '#!ipxe\n<% throw new Error("oh\\n|| shell") %>\n', /images\/demo\/host\.eta:2: oh/],
  ]
  for (const [name, file, text, where] of broken) {
    test(`by ${name} is an event, a line in the log with file and line, and a script for the console`, async (t) => {
      const server = await labServer(t)
      await installing(server)
      await server.put(`images/demo/${file}`, text)
      server.later()
      const { script } = await server.boot(MACHINE)
      assert.match(script, where)
      assert.doesNotMatch(script, /^\s*\|\|| \|\| shell$/m)
      const event = (await server.events(1)).at(-1)
      assert.equal(event?.type, 'template-error')
      assert.match(event?.text ?? '', where)
      const line = server.log.find(({ level, msg }) => level === 50 && where.test(String(msg)))
      assert.ok(line, 'nothing in the log')
      await rm(join(server.folder, 'images/demo', file))
      server.later()
      assert.match((await server.boot(MACHINE)).script, /^kernel /m)
    })
  }

  test('leaves the plan waiting, with its time: the machine got no installer', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    await server.put('images/demo/host.eta', '#!ipxe\necho <%= it.nothing %>\n')
    await server.boot(MACHINE)
    const expiresAt = 9e12
    const planned = await server.store.changeHost(1, 0, (host) => assign(host, parsePlan('demo'), expiresAt))
    server.later()
    await server.boot(MACHINE)
    const { state, plan, rest, revision } = await server.host(1)
    assert.deepEqual(
      { state, plan, rest, revision },
      { state: 'assigned', plan: planned.plan, rest: 'new', revision: planned.revision },
    )
    assert.equal((await server.host(1)).expiresAt, expiresAt)
  })

  test('in a post-install script is told to the installer with a status', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await server.put('images/demo/post_install.eta', '#!/bin/sh\necho <%= it.nothing %>\n')
    server.later()
    const answer = await server.get(`/b/${id}/post-install`)
    assert.equal(answer.statusCode, 400)
    assert.match(answer.body, /^images\/demo\/post_install\.eta:2: it\.nothing is undefined\n$/)
    assert.equal((await server.events(1)).at(-1)?.type, 'template-error')
  })

  test('of the operator, for the first script of all, is 400 and no 2xx', async (t) => {
    const server = await labServer(t)
    await server.put('templates/boot/bootstrap.eta', '#!ipxe\n<%= it.nothing %>\n')
    const answer = await server.get('/bootstrap.ipxe')
    assert.equal(answer.statusCode, 400)
    assert.match(answer.body, /templates\/boot\/bootstrap\.eta:2: /)
  })
})

test('kernel options that iPXE cannot be told are the image’s fault: console, event and log say so', async (t) => {
  const server = await labServer(t)
  await installing(server)
  await server.put('images/demo/image.json', JSON.stringify({ kernelOptions: 'a || shell' }))
  server.later()
  const { script } = await server.boot(MACHINE)
  assert.doesNotMatch(script, / \|\| shell/)
  assert.equal((await server.events(1)).at(-1)?.type, 'template-error')
})

test('an images folder that cannot be read is 503 with Retry-After, which iPXE obeys', async (t) => {
  const server = await labServer(t)
  await server.boot(MACHINE)
  const before = server.dump()
  for (const path of [server.folder, join(server.folder, 'data')]) await chmod(path, 0o777)
  await chmod(join(server.folder, 'images'), 0)
  server.later()
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    const answer = await server.get(`/bootstrap?${MACHINE}`)
    assert.equal(answer.statusCode, 503)
    assert.equal(answer.headers['retry-after'], '5')
    assert.match(answer.body, /the images folder may not be used by this user/)
  } finally {
    if (isRoot) process.seteuid?.(0)
    await chmod(join(server.folder, 'images'), 0o755)
  }
  assert.equal(server.dump(), before)
})

test('a beacon is a line in the log, a script that does nothing, and no change', async (t) => {
  const server = await labServer(t)
  const before = server.dump()
  const answer = await server.get(
    `/beacon?stage=bootstrap&errno=4c0a6092&mac=52-54-00-00-00-01&try=3&more=${'x'.repeat(99)}`,
  )
  assert.deepEqual([answer.statusCode, answer.body], [200, '#!ipxe\n'])
  const line = server.log.find(({ level }) => level === 40)
  assert.deepEqual([line?.['stage'], line?.['errno'], line?.['try']], ['bootstrap', '4c0a6092', '3'])
  assert.equal(line?.['more'], undefined)
  assert.equal(server.dump(), before)
})

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

test('two boards that were given one UUID can each be given a plan and a name', async (t) => {
  const server = await labServer(t)
  await putLinux(server, 'demo')
  const uuid = '5d0b0dc2-1111-4222-8333-444455556666'
  await server.boot('net0=52:54:00:00:00:01')
  await server.boot(`serial=SER-2&uuid=${uuid}`)
  await server.boot(`net0=52:54:00:00:00:03&uuid=${uuid}`)
  await server.boot(`net0=52:54:00:00:00:01&serial=SER-1&uuid=${uuid}`)
  assert.deepEqual(
    (await server.store.listHosts()).map((host) => [host.id, host.uuid]),
    [
      [1, uuid],
      [2, uuid],
    ],
  )
  for (const id of [1, 2]) assert.equal((await server.assign(id, 'demo')).state, 'assigned')
})
