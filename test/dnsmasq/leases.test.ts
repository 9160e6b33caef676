import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readLeases } from '../../src/dnsmasq/leases.ts'

test("dnsmasq's leases are read line by line; what is none is passed over", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'leases')
  assert.deepEqual(await readLeases(file), [])
  const lines = [
    '1795260000 52:54:00:77:00:10 10.77.0.100 esx1 01:52:54:00:77:00:10',
    '0 52:54:00:77:00:11 10.77.0.101 * *',
    'duid 00:01:00:01:2c:6f:00:00:52:54:00:77:00:01',
    '1795260000 1 fd00::100 esx1 00:01',
    '',
  ]
  writeFileSync(file, lines.join('\n'))
  assert.deepEqual(await readLeases(file), [
    { mac: '52:54:00:77:00:10', address: '10.77.0.100', name: 'esx1', until: 1_795_260_000_000 },
    { mac: '52:54:00:77:00:11', address: '10.77.0.101', name: undefined, until: undefined },
  ])
})
