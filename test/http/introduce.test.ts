import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type Introduced, type Introduction, introduce } from '../../src/commands/explain/introduce.ts'
import { describeFiles } from '../../src/commands/explain/make-files.ts'
import { explain } from '../../src/commands/explain.ts'
import { ProvisionError } from '../../src/core/errors.ts'
import { explainDeps } from './explain-deps.ts'
import { type LabServer, type LabSettings, labServer, putLinux } from './lab-server.ts'

const UUID = '11111111-2222-3333-4444-555555555555'
const macOf = (n: number) => `52:54:00:00:00:0${n}`
const NO_BOOTID = '0'.repeat(32)

async function lab(t: TestContext, settings: LabSettings = {}): Promise<LabServer> {
  const server = await labServer(t, { baseUrl: 'http://10.77.0.1:5000', ...settings })
  await putLinux(server, 'demo', 'discover')
  return server
}

async function ask(server: LabServer, told: Partial<Introduced>, discover = false): Promise<Introduction> {
  const whole = { macs: [], serial: undefined, uuid: undefined, ...told }
  return introduce(await explainDeps(server), whole, { discover })
}

const queryOf = ({ macs = [], serial, uuid }: Partial<Introduced>) =>
  [
    ...macs.map((mac, index) => `net${index}=${mac}`),
    ...(serial === undefined ? [] : [`serial=${encodeURIComponent(serial)}`]),
    ...(uuid === undefined ? [] : [`uuid=${uuid}`]),
  ].join('&')

/** Asks about a machine, has it boot, and compares. */
async function agree(server: LabServer, told: Partial<Introduced>, discover = false): Promise<Introduction> {
  const introduction = await ask(server, told, discover)
  const { script, id } = await server.boot(queryOf(told))
  const shown = introduction.script ?? scriptOf(introduction)
  assert.equal(shown, id === '' ? script : script.replaceAll(id, NO_BOOTID))
  return introduction
}

function scriptOf({ explained }: Introduction): string {
  assert.ok(explained !== undefined && 'text' in explained.script)
  return explained.script.text
}

test('a machine that nobody knows gets what it is told beforehand, its id too', async (t) => {
  const server = await lab(t)
  await server.boot('serial=SER-1')
  const { kind, why, explained } = await agree(server, { macs: [macOf(2)], serial: 'SER-2' })
  assert.deepEqual(
    [kind, why, explained?.decision.kind],
    ['new', `no host has any of these: it would be host 2, with serial SER-2, mac ${macOf(2)}`, 'wait'],
  )
})

test('a new machine gets the plan of discovery where the server gives it', async (t) => {
  const server = await lab(t, { discover: true })
  const { explained } = await agree(server, { serial: 'SER-1' }, true)
  assert.deepEqual([explained?.decision.kind, explained?.image?.name], ['install', 'discover'])
})

test('a known machine is found by any of its identifiers, and what it tells more is told', async (t) => {
  const server = await lab(t)
  await server.boot(`net0=${macOf(1)}&serial=SER-1&uuid=${UUID}`)
  await server.assign(1, 'demo')
  await server.store.countHosts()
  const before = server.dump()
  for (const told of [{ macs: [macOf(1)] }, { serial: ' ser-1 ' }, { uuid: UUID.toUpperCase() }]) {
    const { kind, explained } = await ask(server, told)
    assert.deepEqual([kind, explained?.host.id], ['known', 1])
  }
  assert.equal(server.dump(), before)
  const { why, identifiers } = await agree(server, { macs: [macOf(1), macOf(2)], serial: 'To be filled by O.E.M.' })
  assert.equal(why, `it is host 1; learned mac ${macOf(2)}`)
  assert.deepEqual(
    identifiers.map(({ value, hosts }) => [value, hosts]),
    [
      [macOf(1), [1]],
      [macOf(2), []],
      [undefined, []],
    ],
  )
})

test('a conflict names both hosts and what they share', async (t) => {
  const server = await lab(t)
  await server.boot(`net0=${macOf(1)}&serial=SER-1`)
  await server.boot(`net0=${macOf(2)}&serial=SER-2`)
  const { kind, why, sharing, explained } = await agree(server, { macs: [macOf(1)], serial: 'SER-2' })
  assert.deepEqual([kind, explained], ['conflict', undefined])
  assert.match(why, /^this machine (fits|shares)/)
  assert.deepEqual(
    sharing.map(({ host, shares }) => [host.id, shares]),
    [
      [1, [`mac ${macOf(1)}`]],
      [2, ['serial SER-2']],
    ],
  )
})

test('whatever is asked, nothing is changed by it, and it is what the machine gets then', async (t) => {
  const server = await lab(t)
  const some = fc.constantFrom(1, 2, 3, 4)
  const machine = fc.record({
    macs: fc.uniqueArray(some.map(macOf), { maxLength: 2 }),
    serial: fc.option(
      some.map((n) => `SER-${n}`),
      { nil: undefined },
    ),
    uuid: fc.option(
      fc.constantFrom(UUID, UUID.replace('1', '9'), NO_BOOTID.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
      {
        nil: undefined,
      },
    ),
  })
  const step = fc.record({ machine, boots: fc.boolean(), plan: fc.constantFrom('', 'demo', 'finished', 'gone') })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
      for (const { machine: told, boots, plan } of steps) {
        const id = await look(server, told)
        if (id === undefined || !boots) continue
        await agree(server, told)
        if (plan !== '' && id > 0) await server.assign(id, plan)
      }
    }),
    { numRuns: 10 },
  )
})

/** Looks at a machine in every way, and that nothing is changed. @returns its host, 0 in a conflict, `undefined` for one that is refused */
async function look(server: LabServer, told: Partial<Introduced>): Promise<number | undefined> {
  // Whoever asks for events waits for boots that are still on their way to the database.
  await server.store.listEvents({})
  const before = server.dump()
  try {
    const { kind, explained } = await ask(server, told)
    const deps = await explainDeps(server)
    if (explained !== undefined) await describeFiles(deps, explained)
    if (kind === 'known') await explain(deps, String(explained?.host.id))
    return explained?.host.id ?? 0
  } catch (error) {
    assert.ok(error instanceof ProvisionError)
    return undefined
  } finally {
    assert.equal(server.dump(), before)
  }
}
