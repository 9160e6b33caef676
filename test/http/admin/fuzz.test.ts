import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import { ELSEWHERE, FORM, labDoor } from './lab-door.ts'

/** What Node lets through in a header: visible Latin-1, blanks and tabs. */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }), fc.constant(9)), {
    maxLength: 80,
  })
  .map((codes) => String.fromCharCode(...codes))
const secret = fc.oneof(headerText, fc.stringMatching(/^(ms_)?[0-9a-f]{39,41}$/))
const headers = fc.record(
  {
    authorization: fc.oneof(
      headerText,
      secret.map((text) => `Bearer ${text}`),
      secret.map((text) => `bearer\t${text}`),
    ),
    cookie: fc.oneof(
      headerText,
      fc
        .array(
          secret.map((text) => `metalspray=${text}`),
          { maxLength: 3 },
        )
        .map((all) => all.join('; ')),
    ),
    origin: fc.oneof(headerText, fc.webUrl(), fc.constantFrom('null', 'http://', 'http://[', 'file://')),
    host: fc.oneof(headerText, fc.domain(), fc.constantFrom('[', '[::', ':', 'localhost:', '@', 'localhost@evil')),
    'sec-fetch-site': fc.oneof(headerText, fc.constantFrom('same-origin', 'none', 'cross-site')),
    'x-csrf-token': headerText,
    'x-forwarded-for': headerText,
    'content-type': fc.constantFrom('application/json', 'text/plain', FORM['content-type'], 'x', ''),
    accept: fc.constantFrom('text/html', '*/*', ''),
  },
  { requiredKeys: [] },
)
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT')
const url = fc.constantFrom(
  '/thing',
  '/hosts',
  '/sign-in',
  '/sign-in?next=%00',
  '/sign-out',
  '/nowhere',
  '/%',
  '/healthz',
  '/?a=%ff',
)
const requests = fc.record({ method, url, headers, payload: fc.oneof(fc.constant(''), fc.constant('{}'), headerText) })

for (const asksForToken of [true, false]) {
  test(`no header lets a stranger in or makes the door fail (${asksForToken ? 'with' : 'without'} tokens)`, async (t) => {
    const { app } = await labDoor(t, { asksForToken })
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const { statusCode, body } = await app.inject({ ...request, remoteAddress: ELSEWHERE } as InjectOptions)
        const what = `${statusCode} ${body}`
        assert.ok(statusCode < 500, what)
        const isOpen = request.url.startsWith('/sign-in') || request.url === '/healthz'
        assert.ok(isOpen || statusCode >= 303, what)
        assert.ok(!body.includes('"version"') && !body.includes('#Id'), what)
      }),
      { numRuns: 300 },
    )
  })
}
