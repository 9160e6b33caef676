import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readRange } from '../../src/http/boot/byte-range.ts'
import { labServer } from '../http/lab-server.ts'
import { runs } from '../support/runs.ts'
import { fuzzSettings } from './fuzz-settings.ts'

const { seed } = fuzzSettings()

describe('a range', () => {
  test('that is read lies within the file, and holds what was asked for', () => {
    const bounds = fc.tuple(fc.nat(1000), fc.option(fc.nat(1000)), fc.option(fc.nat(1000)))
    fc.assert(
      fc.property(bounds, ([size, first, last]) => {
        const range = readRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
        const wanted = wantedBytes(size, first, last)
        if (range === undefined) return assert.equal(wanted, undefined)
        if (range === 'unsatisfiable') return assert.deepEqual(wanted, [])
        assert.deepEqual(wanted, bytesOf(size).slice(range.start, range.end + 1))
      }),
      { seed, numRuns: runs(2000) },
    )
  })

  test('of any text is none, or one that can be sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `bytes=${text}`),
        ),
        fc.nat(),
        (header, size) => {
          const range = readRange(header, size)
          if (range === undefined || range === 'unsatisfiable') return
          assert.ok(0 <= range.start && range.start <= range.end && range.end < size, JSON.stringify(range))
        },
      ),
      { seed, numRuns: runs(5000) },
    )
  })

  test('asked for over HTTP gives those bytes', async (t) => {
    const server = await labServer(t, { logLevel: 'error' })
    const content = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
    await server.put('images/demo/disk', content)
    await fc.assert(
      fc.asyncProperty(fc.nat(999), fc.nat(1500), async (start, length) => {
        const { statusCode, rawPayload, headers } = await server.get('/images/demo/disk', {
          range: `bytes=${start}-${start + length}`,
        })
        assert.equal(statusCode, 206)
        assert.ok(rawPayload.equals(content.subarray(start, start + length + 1)))
        assert.equal(headers['content-range'], `bytes ${start}-${Math.min(999, start + length)}/1000`)
      }),
      { seed, numRuns: runs(300) },
    )
  })
})

function bytesOf(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i)
}

/** What RFC 9110 says that a range names; `undefined` for none. */
function wantedBytes(size: number, first: number | null, last: number | null): number[] | undefined {
  if (first === null) return last === null ? undefined : bytesOf(size).slice(Math.max(0, size - last))
  if (last !== null && last < first) return undefined
  return bytesOf(size).slice(first, last === null ? size : last + 1)
}

/** One part of a path that an image may have: no dotfile, nothing that cannot be printed, no slash of either kind. */
const fileName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((name) => !/[\p{C}/\\]|^\./u.test(name) && Buffer.byteLength(name) <= 200)

test('every file of an image is found by the address that its name makes', async (t) => {
  const server = await labServer(t, { logLevel: 'error' })
  await fc.assert(
    fc.asyncProperty(fc.array(fileName, { minLength: 1, maxLength: 3 }), async (parts) => {
      const image = `image${parts.length}`
      await server.put(`images/${image}/${parts.map((part) => `${part}-`).join('/')}file`, parts.join('/'))
      const path = [
        ...parts
          .map((part) => `${part}-`)
          .join('/')
          .concat('file')
          .split('/'),
      ]
        .map(encodeURIComponent)
        .join('/')
      const answer = await server.get(`/images/${image}/${path}`)
      assert.deepEqual([answer.statusCode, answer.body], [200, parts.join('/')])
    }),
    { seed, numRuns: runs(300) },
  )
})

test('what firmware says in hex arrives as it was, whatever characters are in it', async (t) => {
  const server = await labServer(t, { logLevel: 'error' })
  const text = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 })
    .map((more) => more.trim().replace(/ +/g, ' '))
  let machine = 0
  await fc.assert(
    fc.asyncProperty(text, text, async (maker, product) => {
      machine += 1
      const hex = (value: string) => Buffer.from(value).toString('hex')
      const mac = `02:00:00:00:${Math.floor(machine / 256).toString(16)}:${(machine % 256).toString(16)}`.replace(
        /\b[0-9a-f]\b/g,
        '0$&',
      )
      const serial = `S#&%${machine}+ ${maker.slice(0, 20)}`.trim()
      await server.boot(`v=2&net0=${mac}&serial=${hex(serial)}&mfr=${hex(maker)}&prod=${hex(product)}`)
      const host = await server.host(machine)
      assert.deepEqual([host.macs, host.serial], [[mac], serial.toUpperCase()])
      assert.deepEqual([host.firmware?.manufacturer, host.firmware?.product], [maker, product])
    }),
    { seed, numRuns: runs(300) },
  )
})

test('what an installer reports is kept in one line that can be printed, and is never too long', async (t) => {
  const server = await labServer(t, { logLevel: 'error' })
  const { id } = await server.boot('serial=SER-1')
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 3000 }), async (told) => {
      const { statusCode } = await server.post(`/b/${id}/report`, told.toWellFormed(), 'text/plain')
      assert.ok([200, 400].includes(statusCode))
      if (statusCode === 400) return
      const { text } = (await server.store.listEvents({ last: 1 }))[0] ?? { text: '' }
      assert.ok(text.length > 0 && text.length <= 1000)
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }),
    { seed, numRuns: runs(300) },
  )
})
