import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newWebhookSecret, readWebhookSecret, signedHeaders } from '../../src/webhooks/sign.ts'

test('a delivery is signed as the libraries of Standard Webhooks verify it', () => {
  // Known from the tests of those libraries.
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' }
  assert.deepEqual(signedHeaders(message, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 1_614_265_330_999), {
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a new secret is 256 bits that nobody had before', () => {
  const [one, other] = [newWebhookSecret(), newWebhookSecret()]
  assert.match(one, /^whsec_[A-Za-z0-9+/]{43}=$/)
  assert.notEqual(one, other)
  assert.equal(readWebhookSecret(one), one)
})

for (const bad of [
  '',
  'whsec_',
  'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  `whsec_${Buffer.alloc(23).toString('base64')}`,
  `whsec_${Buffer.alloc(65).toString('base64')}`,
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_',
  ' whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
]) {
  test(`${JSON.stringify(bad.slice(0, 50))} is no secret, and the refusal does not repeat it`, () => {
    assert.throws(
      () => readWebhookSecret(bad),
      (error: Error) =>
        /^the secret is not whsec_ and the base64/.test(error.message) &&
        (bad.length < 10 || !error.message.includes(bad)),
    )
  })
}
