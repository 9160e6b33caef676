import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GIVE_UP_AFTER, nameFromUrl, readWebhookName, readWebhookUrl, waitAfter } from '../../src/core/webhook.ts'

for (const [text, kept] of [
  ['https://chat.example/hooks/a?b=c', 'https://chat.example/hooks/a?b=c'],
  ['HTTP://10.0.0.9:8080', 'http://10.0.0.9:8080/'],
  ['http://[::1]:80/x y', 'http://[::1]/x%20y'],
] as const) {
  test(`events can be sent to ${text}`, () => assert.equal(readWebhookUrl(text), kept))
}

for (const [text, message] of [
  ['chat.example', /no http:/],
  ['ftp://chat.example/', /no http:/],
  ['file:///etc/passwd', /no http:/],
  ['http://', /no http:/],
  ['https://alice:secret@chat.example/', /has a user in it/],
  ['https://chat.example/#part', /has a #/],
  [`https://chat.example/${'x'.repeat(2000)}`, /longer than 2000/],
] as const) {
  test(`events cannot be sent to ${text.slice(0, 40)}`, () => {
    assert.throws(() => readWebhookUrl(text), { kind: 'invalid', message })
  })
}

test('a webhook without a name is called by the machine that is told', () => {
  for (const [url, name] of [
    ['https://chat.example:444/a', 'chat.example'],
    ['http://10.0.0.9/', '10.0.0.9'],
    ['http://[fe80::1]/', 'fe80-1'],
  ] as const) {
    assert.equal(readWebhookName(nameFromUrl(url)), name)
  }
})

test('attempts come twice as far apart each time, up to an hour, and never all at one moment', () => {
  const longest = [1, 2, 3, 4, 10, 11, 1000].map((failures) => waitAfter(failures, 0))
  assert.deepEqual(longest, [5000, 10_000, 20_000, 40_000, 2_560_000, 3_600_000, 3_600_000])
  assert.deepEqual([waitAfter(1, 0.5), waitAfter(1, 1), waitAfter(11, 1)], [3750, 2500, 1_800_000])
})

test('a receiver that is away for a day is asked some dozens of times', () => {
  let [at, attempts] = [0, 0]
  while (at < GIVE_UP_AFTER) {
    attempts += 1
    at += waitAfter(attempts, 0.5)
  }
  assert.ok(attempts > 24 && attempts < 60, `${attempts}`)
})
