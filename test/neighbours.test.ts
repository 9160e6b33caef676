import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cardOf } from '../src/neighbours.ts'

test('the card behind an address is found in what Linux lists, and nothing else is a card', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-arp-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'arp')
  writeFileSync(
    file,
    [
      'IP address       HW type     Flags       HW address            Mask     Device',
      '10.77.0.100      0x1         0x2         52:54:00:00:00:01     *        br0',
      '10.77.0.10       0x1         0x0         00:00:00:00:00:00     *        br0',
      '10.77.0.11       0x20        0x2         80:00:02:08           *        ib0',
      '10.77.0.12       0x1         0x2         none                  *        br0',
      '',
    ].join('\n'),
  )
  assert.equal(await cardOf('10.77.0.100', file), '52:54:00:00:00:01')
  assert.equal(await cardOf('::ffff:10.77.0.100', file), '52:54:00:00:00:01')
  for (const other of ['10.77.0.10', '10.77.0.11', '10.77.0.12', '10.77.0.1', '', '::1']) {
    assert.equal(await cardOf(other, file), undefined, other)
  }
  assert.equal(await cardOf('10.77.0.100', join(folder, 'gone')), undefined)
})

test('this machine has no card of its own in the list', async () => {
  assert.equal(await cardOf('127.0.0.1'), undefined)
})
