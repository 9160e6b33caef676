import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { EVENT_TYPES } from '../../src/core/event.ts'
import { post } from '../../src/webhooks/post.ts'
import { newWebhookSecret } from '../../src/webhooks/sign.ts'
import { tempFolder } from '../support/stores.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8')

test('the receiver of docs/webhooks.md takes what is signed, and nothing else', async (t) => {
  const file = join(tempFolder(t), 'receiver.mjs')
  writeFileSync(file, /^```js\n([\s\S]*?)^```/m.exec(PAGE)?.[1] ?? '')
  const secret = newWebhookSecret()
  const child = spawn(process.execPath, [file], {
    env: { WEBHOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const port = /listening on (\d+)/.exec((await lines.next()).value ?? '')?.[1]
  const event = { name: 'esx3', text: 'über alles' }
  const message = { id: 'evt_1', body: JSON.stringify({ type: 'finished', data: { event } }) }
  const send = (by: string, at: number) =>
    post({ ...message, url: `http://127.0.0.1:${port}/`, secret: by, agent: 'x', at, limit: 30_000 })
  assert.deepEqual(await send(secret, Date.now()), { ok: true, status: 204 })
  assert.equal((await lines.next()).value, 'finished esx3 über alles')
  assert.equal((await send(newWebhookSecret(), Date.now())).status, 401)
  assert.equal((await send(secret, Date.now() - 400_000)).status, 401)
})

test('docs/webhooks.md names all types of events', () => {
  const table = PAGE.split('\n## Types of events').at(1) ?? ''
  assert.deepEqual(
    EVENT_TYPES.filter((type) => !table.includes(`\`${type}\``)),
    [],
  )
})
