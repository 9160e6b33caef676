import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { HTTPMethods } from 'fastify'
import { checkAnswer } from './check-answer.ts'
import { fuzzSettings } from './fuzz-settings.ts'
import { type KnownWorld, knownWorld } from './known-hosts.ts'
import { type FuzzRequest, requests } from './requests.ts'
import { noise, wireBytes } from './wire-bytes.ts'
import { checkWire } from './wire-check.ts'

const { seed, injected, wired } = fuzzSettings()

/** So many requests run at once, as machines of a rack do. */
const BATCH = 25

test(`no request of ${injected} gets a 5xx, a stack trace, a 2xx it must not have, or changes a known host`, async (t) => {
  t.diagnostic(`seed ${seed}; METALSPRAY_FUZZ_SEED=${seed} repeats this run`)
  const world = await knownWorld(t)
  const before = world.fingerprint()
  const batch = fc.array(requests(world), { minLength: BATCH, maxLength: BATCH })
  await fc.assert(
    fc.asyncProperty(batch, async (asked) => {
      await Promise.all(asked.map((request) => ask(world, request)))
      assert.equal(world.fingerprint(), before)
    }),
    { seed, numRuns: Math.ceil(injected / BATCH), endOnFailure: true },
  )
  await finishLive(world)
})

test(`no bytes on any of ${wired} connections get a 5xx, a hang, or change a known host`, async (t) => {
  t.diagnostic(`seed ${seed}; METALSPRAY_FUZZ_SEED=${seed} repeats this run`)
  const world = await knownWorld(t)
  const port = await world.server.listen()
  const before = world.fingerprint()
  const connection = fc.oneof({ weight: 6, arbitrary: wireBytes(requests(world)) }, { weight: 1, arbitrary: noise })
  await fc.assert(
    fc.asyncProperty(fc.array(connection, { minLength: BATCH, maxLength: BATCH }), async (connections) => {
      await Promise.all(connections.map((bytes) => checkWire(world, port, bytes)))
      assert.equal(world.fingerprint(), before)
    }),
    { seed, numRuns: Math.ceil(wired / BATCH), endOnFailure: true },
  )
  await finishLive(world)
})

async function ask(world: KnownWorld, request: FuzzRequest): Promise<void> {
  const { method, headers, body } = request
  // `inject` takes what a browser would; the other spellings go over the wire.
  const target = URL.canParse(request.target, 'http://localhost') ? request.target : '/'
  const {
    statusCode,
    headers: told,
    rawPayload,
  } = await world.server.app.inject({
    ...{ method: method as HTTPMethods, url: target, headers },
    ...(body === undefined ? {} : { payload: body }),
  })
  checkAnswer(world, method, target, { status: statusCode, headers: told, body: rawPayload })
}

/** After all that, the install that was running can still call back, and the log holds no internal error. */
async function finishLive({ server, live }: KnownWorld): Promise<void> {
  assert.deepEqual(server.log, [])
  const { statusCode } = await server.get(`/finish?id=5&bootid=${live}`)
  assert.equal(statusCode, 200)
  assert.equal((await server.host(5)).state, 'finished')
}
