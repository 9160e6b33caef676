import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { databaseFile } from '../../src/commands/open-store.ts'
import { labServer } from './lab-server.ts'

const LOCKER = join(import.meta.dirname, '../support/lock-worker.ts')
const MACHINES = 200
const ROUNDS = 6

test('no machine of a rack that powers on again and again is refused while another program holds the database now and then', async (t) => {
  const server = await labServer(t, { logLevel: 'info' })
  const locker = spawn(process.execPath, [LOCKER, databaseFile(join(server.folder, 'data'))])
  t.after(() => locker.kill('SIGKILL'))
  await once(locker.stdout, 'data')
  const ids = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    // Each round a few more machines are new: those are written before they are answered, and wait for all the others.
    const boots = Array.from({ length: MACHINES + 10 * round }, (_, n) => server.boot(`serial=S${n}&try=${round}`))
    for (const { script, id } of await Promise.all(boots)) {
      assert.match(id, /^[0-9a-f]{32}$/, script)
      ids.add(id)
    }
  }
  await server.store.listEvents({})
  const booted = server.rows(`SELECT 1 FROM boots JOIN hosts ON hosts.id = host_id WHERE serial LIKE 'S%'`)
  assert.equal(booted.length, ids.size)
  assert.equal(ids.size, ROUNDS * MACHINES + 10 * 15)
  assert.deepEqual(
    server.log.filter((line) => 'refused' in line || Number(line['level']) > 30),
    [],
  )
})
