import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { protect } from '../../src/core/edit.ts'
import { installing, type LabServer, labServer, MACHINE, putLinux } from './lab-server.ts'

async function status(server: LabServer, url: string): Promise<number> {
  return (await server.get(url)).statusCode
}

const kernelOf = (id: string) => `/b/${id}/tree/vmlinuz`
const finishOf = (id: string) => `/b/${id}/finish`

describe('a running install', () => {
  test('is not disturbed by a stray /bootstrap', async (t) => {
    const server = await labServer(t)
    const running = await installing(server)
    assert.equal(await status(server, kernelOf(running.id)), 200)
    for (let i = 0; i < 5; i++) await server.boot(MACHINE)
    assert.equal(await status(server, `/b/${running.id}/tree/initrd`), 200)
    assert.equal(await status(server, finishOf(running.id)), 200)
    assert.equal((await server.host(1)).state, 'finished')
  })

  test('ends when a newer boot makes progress: the older one may neither fetch nor call back', async (t) => {
    const server = await labServer(t)
    const old = await installing(server)
    await status(server, kernelOf(old.id))
    const newer = await server.boot(MACHINE)
    assert.equal(await status(server, kernelOf(newer.id)), 200)
    for (const path of ['tree/initrd', 'finish', 'fail?reason=x', 'post-install']) {
      const answer = await server.get(`/b/${old.id}/${path}`)
      assert.equal(answer.statusCode, 401, path)
      assert.match(answer.body, /^this boot of host 1 is over: a newer one took its place\n$/)
    }
    assert.equal(await status(server, `/finish?id=1&bootid=${old.id}`), 401)
    assert.equal((await server.host(1)).state, 'installing')
    assert.equal(await status(server, finishOf(newer.id)), 200)
    assert.equal((await server.host(1)).state, 'finished')
  })

  test('goes on when UEFI runs iPXE twice: the second boot counts, from its first fetch on', async (t) => {
    const server = await labServer(t)
    const first = await installing(server)
    const second = await server.boot(MACHINE)
    assert.notEqual(first.id, second.id)
    assert.equal(await status(server, kernelOf(second.id)), 200)
    assert.equal(await status(server, kernelOf(first.id)), 401)
    assert.equal(await status(server, finishOf(second.id)), 200)
  })

  test('may be finished by a boot that never fetched through its own space', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    assert.equal(await status(server, `/finish?id=1&bootid=${id}`), 200)
    assert.equal((await server.host(1)).state, 'finished')
  })

  test('cannot be finished after its plan was changed', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await putLinux(server, 'other')
    await server.assign(1, 'other')
    const answer = await server.get(finishOf(id))
    assert.equal(answer.statusCode, 401)
    assert.match(answer.body, /^the plan of host 1 was changed after this boot\n$/)
    assert.deepEqual((await server.host(1)).plan.images, ['other'])
  })
})

describe('a callback', () => {
  test('told again is 200 and changes nothing, not even when a plan waits again', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    const first = await server.get(finishOf(id))
    assert.deepEqual([first.statusCode, first.body], [200, 'host 1 is finished now\n'])
    const before = server.dump()
    for (const url of [finishOf(id), `/finish?id=1&bootid=${id}`]) {
      assert.equal((await server.get(url)).statusCode, 200)
      assert.equal((await server.post(url)).statusCode, 200)
    }
    assert.equal(server.dump(), before)
    await server.assign(1, 'demo')
    const waiting = server.dump()
    assert.equal(await status(server, finishOf(id)), 200)
    assert.equal(server.dump(), waiting)
  })

  test('told twice never takes two images off a plan', async (t) => {
    const server = await labServer(t)
    const first = await installing(server, 'wipe,demo')
    assert.match(first.script, /Installing wipe/)
    for (let i = 0; i < 3; i++) assert.equal(await status(server, `/finish?id=1&bootid=${first.id}`), 200)
    const host = await server.host(1)
    assert.deepEqual([host.state, host.plan.images], ['assigned', ['demo']])
    const second = await server.boot(MACHINE)
    assert.match(second.script, /Installing demo/)
    assert.equal(await status(server, `/finish?id=1&bootid=${first.id}`), 200)
    assert.deepEqual((await server.host(1)).plan.images, ['demo'])
    assert.equal(await status(server, finishOf(second.id)), 200)
    assert.equal((await server.host(1)).state, 'finished')
  })

  test('told many times at once counts once', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server, 'a,b,c')
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.get(finishOf(id))))
    assert.ok(answers.every(({ statusCode }) => statusCode === 200))
    assert.deepEqual((await server.host(1)).plan.images, ['b', 'c'])
    assert.equal((await server.events(1)).filter(({ type }) => type === 'advanced').length, 1)
  })

  test('that it failed gives the host no installer any more, and tells why on the console', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    const told = await server.get(`/b/${id}/fail?reason=${encodeURIComponent('disk is 2 GB too small\nsorry')}`)
    assert.deepEqual([told.statusCode, told.body], [200, 'host 1 is failed now\n'])
    const { script } = await server.boot(MACHINE)
    assert.match(script, /demo: disk is 2 GB too small sorry$/m)
    assert.doesNotMatch(script, /^kernel /m)
    assert.equal(await status(server, finishOf(id)), 401)
    const last = (await server.events(1)).find(({ type }) => type === 'failed')
    assert.equal(last?.text, 'demo could not be applied: disk is 2 GB too small sorry')
  })

  test('takes the reason from the address, a field, JSON or plain text, and cuts it to a line', async (t) => {
    const told = [
      ['reason=from a form', 'application/x-www-form-urlencoded', 'from a form'],
      ['{"reason":"from JSON"}', 'application/json', 'from JSON'],
      ['plain\r\n\u0000 text\u2028', 'text/plain', 'plain text'],
      ['{"reason":{"not":"a text"}}', 'application/json', 'no reason given'],
      ['', 'text/plain', 'no reason given'],
      ['x'.repeat(5000), 'text/plain', 'x'.repeat(1000)],
      ['🦊'.repeat(1000), 'text/plain', '🦊'.repeat(500)],
    ] as const
    for (const [body, type, reason] of told) {
      const server = await labServer(t)
      const { id } = await installing(server)
      assert.equal((await server.post(`/b/${id}/fail`, body, type)).statusCode, 200)
      assert.equal((await server.host(1)).reason, `demo: ${reason}`)
    }
  })

  test('of a boot that nobody opened is 404, of a boot that installs nothing 401', async (t) => {
    const server = await labServer(t)
    const { id } = await server.boot(MACHINE)
    for (const callback of ['finish', 'fail', 'post-install']) {
      assert.equal(await status(server, `/b/${id}/${callback}`), 401, callback)
      for (const stranger of ['0'.repeat(32), id.toUpperCase(), `${id}0`, id.slice(1), 'x', '%00', '..']) {
        assert.equal(await status(server, `/b/${stranger}/${callback}`), 404, stranger)
      }
    }
    assert.equal(await status(server, kernelOf(id)), 404)
    assert.equal((await server.host(1)).state, 'new')
  })

  test('of a host that was deleted is 404', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await server.store.deleteHost(1, 0, () => ({ type: 'deleted', text: 'by a test' }))
    for (const path of ['finish', 'fail', 'report?text=x', 'wait', 'tree/vmlinuz', 'post-install']) {
      assert.equal(await status(server, `/b/${id}/${path}`), 404, path)
    }
    assert.equal(await status(server, `/finish?id=1&bootid=${id}`), 401)
  })
})

describe('a report', () => {
  test('is kept as an event, and is an empty script that iPXE can run', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    const answer = await server.get(`/b/${id}/report?stage=kernel&errno=0x3e11&try=2`)
    assert.deepEqual([answer.statusCode, answer.body], [200, '#!ipxe\n'])
    await server.post(`/b/${id}/report`, 'text=%3Cb%3E%0D%0Abold')
    await server.post(`/b/${id}/report`, 'half way', 'text/plain')
    const told = (await server.events(1)).filter(({ type }) => type === 'report').map(({ text }) => text)
    assert.deepEqual(told, ['stage kernel, errno 0x3e11, try 2', '<b> bold', 'half way'])
  })

  test('without anything to say is refused', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    for (const query of ['', '?stage=&text=', '?text=%0a%00']) {
      assert.equal(await status(server, `/b/${id}/report${query}`), 400)
    }
  })

  test('of a boot that is over is kept all the same, and does not bring it back', async (t) => {
    const server = await labServer(t)
    const old = await installing(server)
    const newer = await server.boot(MACHINE)
    await status(server, kernelOf(newer.id))
    assert.equal(await status(server, `/b/${old.id}/report?text=still+here`), 200)
    assert.equal(await status(server, kernelOf(old.id)), 401)
    assert.equal(await status(server, finishOf(newer.id)), 200)
  })
})

describe('a waiting machine', () => {
  test('is told 404 until something waits for it', async (t) => {
    const server = await labServer(t)
    await putLinux(server, 'demo')
    const { id, script } = await server.boot(MACHINE)
    assert.match(script, /This machine is known to metalspray and waits/)
    const before = server.dump()
    const idle = await server.get(`/b/${id}/wait`)
    assert.deepEqual([idle.statusCode, idle.body], [404, 'nothing to do yet\n'])
    assert.equal(server.dump(), before)
    await server.assign(1, 'demo')
    const answer = await server.get(`/b/${id}/wait`)
    assert.deepEqual([answer.statusCode, answer.body], [200, '#!ipxe\n'])
    assert.match((await server.boot(MACHINE)).script, /^kernel /m)
  })

  test('that is held for a missing image goes on when the image is there', async (t) => {
    const server = await labServer(t)
    await server.boot(MACHINE)
    await server.assign(1, 'late')
    const { id, script } = await server.boot(MACHINE)
    assert.match(script, /image late is not on the server$/m)
    const host = await server.host(1)
    assert.deepEqual([host.state, host.plan.images], ['assigned', ['late']])
    assert.equal(await status(server, `/b/${id}/wait`), 404)
    await putLinux(server, 'late')
    assert.equal(await status(server, `/b/${id}/wait`), 200)
    assert.match((await server.boot(MACHINE)).script, /Installing late/)
  })

  test('that failed goes on when it is set to finished', async (t) => {
    const server = await labServer(t)
    const { id } = await installing(server)
    await status(server, `/b/${id}/fail`)
    const held = await server.boot(MACHINE)
    assert.equal(await status(server, `/b/${held.id}/wait`), 404)
    await server.assign(1, 'finished')
    assert.equal(await status(server, `/b/${held.id}/wait`), 200)
    assert.match((await server.boot(MACHINE)).script, /starts from its disk/)
  })
})

test('a host that is protected starts from its disk and gets no plan', async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  await status(server, finishOf(id))
  await server.store.changeHost(1, 0, protect)
  await assert.rejects(server.assign(1, 'demo'), /is protected/)
  assert.match((await server.boot(MACHINE)).script, /starts from its disk/)
})

test('HEAD changes nothing, wherever it is asked', async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  const before = server.dump()
  const urls = [
    '/bootstrap.ipxe',
    `/bootstrap?${MACHINE}`,
    '/bootstrap?net0=52:54:00:00:00:99',
    ...['finish', 'fail', 'report?text=x', 'post-install', 'wait', 'tree/vmlinuz'].map((path) => `/b/${id}/${path}`),
    ...['finish', 'post-install', 'update', 'state'].map((path) => `/${path}?id=1&bootid=${id}`),
    '/images/demo/vmlinuz',
    '/beacon?stage=x',
  ]
  for (const url of urls) {
    const answer = await server.head(url)
    assert.equal(answer.body, '', url)
    assert.equal(server.dump(), before, url)
  }
})

test('GET of files and questions changes nothing but what is noted of the boot', async (t) => {
  const server = await labServer(t)
  const { id } = await installing(server)
  await status(server, kernelOf(id))
  const before = await server.host(1)
  for (const url of [
    kernelOf(id),
    `/b/${id}/wait`,
    '/state?id=1',
    '/images/demo/initrd',
    '/bootstrap.ipxe',
    '/beacon',
  ]) {
    await status(server, url)
    assert.deepEqual(await server.host(1), before, url)
  }
})
