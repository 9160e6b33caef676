import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agoText, count, partText, roughSizeText, sizeText, spanText } from '../../src/core/words.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

test('a span is in one unit, which never rounds much away', () => {
  const spans = [-1, 400, 45 * SECOND, 90 * SECOND, 3 * MINUTE, 90 * MINUTE, 2 * HOUR, 36 * HOUR, 3 * DAY]
  assert.deepEqual(spans.map(spanText), ['0 s', '0 s', '45 s', '90 s', '3 min', '90 min', '2 h', '36 h', '3 d'])
})

test('what was is said as people say it', () => {
  assert.deepEqual(
    [agoText(undefined, 5), agoText(0, SECOND), agoText(0, 10 * SECOND), agoText(0, 5 * MINUTE)],
    ['never', 'just now', '10 s ago', '5 min ago'],
  )
})

test('bytes are in the unit that fits, of files to a tenth, of what is on its way in whole', () => {
  const sizes = [0, 7, 1500, 44_700_000, 612_000_000, 1.2e9, 3e15]
  assert.deepEqual(sizes.map(sizeText), ['0 B', '7 B', '1.5 kB', '44.7 MB', '612 MB', '1.2 GB', '3000 TB'])
  assert.deepEqual([1500, 44_700_000].map(roughSizeText), ['1.5 kB', '45 MB'])
  assert.equal(partText(280e6, 612e6), '280 of 612 MB')
  assert.equal(partText(0, 2e9), '0 of 2.0 GB')
})

test('one thing is one', () => {
  assert.deepEqual([count(0, 'host'), count(1, 'host'), count(2, 'host')], ['0 hosts', '1 host', '2 hosts'])
})
