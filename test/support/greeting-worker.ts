/**
 * A process of its own that meets one machine for ever: `greeting-worker.ts FILE`. Now and then the machine uses its boot; the hash of that
 * boot is printed when the change was acknowledged.
 */
import { stdout } from 'node:process'
import { progress } from '../../src/core/boot.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { macOf } from './hosts.ts'
import { mustMeet } from './stores.ts'

const [file = ''] = process.argv.slice(2)
const store = openSqliteStore(file)
for (let n = 1; ; n += 1) {
  const hash = `${process.pid}-${n}`
  await mustMeet(store, { macs: [macOf(1)] }, { hash })
  if (n % 7 !== 0) continue
  await store.changeBoot(hash, (host, boot) => progress(host, boot, n))
  stdout.write(`${hash}\n`)
}
