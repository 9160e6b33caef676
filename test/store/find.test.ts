import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rename } from '../../src/core/edit.ts'
import { hostOf, macOf } from '../support/hosts.ts'
import { eachStore, edited, mustMeet, toldOf } from '../support/stores.ts'

const UUID = '4c4c4544-0051-3510-8052-b4c04f4a3132'

eachStore((open) => {
  test('a host is meant by its id, its name, its serial, its uuid and its cards, in any spelling', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(10), macOf(11)], serial: 'AB12', uuid: UUID })
    await store.changeHost(1, 0, (host) => rename(host, 'esx1.lab'))
    await mustMeet(store, { macs: [macOf(20)], serial: 'AB13' })
    const texts = ['1', ' 1 ', 'esx1.lab', 'ESX1.lab', 'ab12', ' AB12 ', UUID, UUID.toUpperCase(), '02:00:00:00:00:0a']
    for (const text of [...texts, '02-00-00-00-00-0A', '02000000000b', '0200.0000.000b', '01-02-00-00-00-00-0a']) {
      assert.deepEqual(
        (await store.findHosts(text)).map(({ id }) => id),
        [1],
        text,
      )
    }
  })

  test('nobody is meant by what no host is known by, by placeholders and by nothing', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(10)] })
    for (const text of [
      '',
      ' ',
      '0',
      '2',
      '-1',
      '1.0',
      '1e0',
      '99999999999999999999',
      'none',
      'x',
      'esx',
      '%',
      "'",
      '\u0000',
      'a\nb',
    ]) {
      assert.deepEqual(await store.findHosts(text), [], JSON.stringify(text))
    }
  })

  test('digits that are the id of a host mean that host alone, so that each can be named by its id', async (t) => {
    const store = open(t)
    for (const [n, serial] of ['2', '1001', 'S3'].entries()) await mustMeet(store, { macs: [macOf(n)], serial })
    for (const [text, id] of [
      ['2', 2],
      ['1001', 2],
      ['3', 3],
      ['03', 3],
    ] as const) {
      assert.deepEqual(
        (await store.findHosts(text)).map((host) => host.id),
        [id],
        text,
      )
    }
  })

  test('a text that is the name of one host and the serial of another means both', async (t) => {
    const store = open(t)
    await store.addHosts(
      [hostOf({ id: 4, hostname: 'esx1', macs: [] }), hostOf({ id: 2, serial: 'ESX1', macs: [] })],
      0,
      { type: 'imported', text: '' },
    )
    assert.deepEqual(
      (await store.findHosts('esx1')).map(({ id }) => id),
      [2, 4],
    )
  })

  test('all hosts are listed by id, and counted by state', async (t) => {
    const store = open(t)
    assert.deepEqual(await store.countHosts(), { new: 0, assigned: 0, installing: 0, finished: 0, failed: 0 })
    const hosts = [9, 2, 5].map((id) => hostOf({ id, macs: [macOf(id)], state: id === 5 ? 'failed' : 'finished' }))
    await store.addHosts(hosts, 0, { type: 'imported', text: '' })
    assert.deepEqual(await store.listHosts(), [hosts[1], hosts[2], hosts[0]])
    assert.deepEqual(await store.countHosts(), { new: 0, assigned: 0, installing: 0, finished: 2, failed: 1 })
  })

  test('events are listed in the order in which they happened, of all hosts or of one, or the newest of them', async (t) => {
    const store = open(t)
    for (const n of [1, 2]) await mustMeet(store, { macs: [macOf(n)] })
    for (const n of [1, 2, 3]) await store.addEvent(1, undefined, n, { type: 'report', text: `r${n}` })
    await store.addEvent(2, 7, 4, { type: 'report', text: 'r4' })
    const texts = async (filter: { host?: number; last?: number }) =>
      (await store.listEvents(filter)).map(({ text }) => text)
    const boot = (n: number) => [`new machine: mac ${macOf(n)}`, 'waits for a plan']
    assert.deepEqual(await texts({}), [...boot(1), ...boot(2), 'r1', 'r2', 'r3', 'r4'])
    assert.deepEqual(await texts({ host: 1 }), [...boot(1), 'r1', 'r2', 'r3'])
    assert.deepEqual(await texts({ host: 1, last: 2 }), ['r2', 'r3'])
    assert.deepEqual(await texts({ last: 2 }), ['r3', 'r4'])
    assert.deepEqual(await texts({ last: 0 }), [])
    assert.deepEqual(await texts({ host: 99 }), [])
    assert.equal((await toldOf(store, 2)).at(-1), '4 7 report: r4')
  })

  test('a store that is closed keeps what was under way and is no longer there for anyone', async (t) => {
    const store = open(t)
    await mustMeet(store, { macs: [macOf(1)] })
    const last = store.changeHost(
      1,
      0,
      edited((host) => ({ ...host, hostname: 'esx1' })),
    )
    await store[Symbol.asyncDispose]()
    assert.equal((await last).hostname, 'esx1')
    const gone = { name: 'ProvisionError', kind: 'unavailable', message: 'the database is closed' }
    await assert.rejects(store.findHost(1), gone)
    await assert.rejects(store.listHosts(), gone)
    await assert.rejects(store.findBoot('x'), gone)
    await assert.rejects(
      store.changeHost(
        1,
        0,
        edited((host) => host),
      ),
      gone,
    )
    await assert.rejects(mustMeet(store, { macs: [macOf(1)] }), gone)
    await store[Symbol.asyncDispose]()
  })
})
