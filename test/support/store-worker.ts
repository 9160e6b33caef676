/**
 * A process of its own that writes into a database: `store-worker.ts FILE COUNT`. It meets the one machine, then counts in
 * its metadata, one durable change after the other, and prints each count when it was acknowledged. Without COUNT it goes on for ever.
 */
import { stdout } from 'node:process'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { macOf } from './hosts.ts'
import { counted, mustMeet } from './stores.ts'

const [file = '', count = 'Infinity'] = process.argv.slice(2)
const store = openSqliteStore(file)
const { host } = await mustMeet(store, { macs: [macOf(1)] }, { hash: `worker-${process.pid}` })
for (let done = 0; done < Number(count); done += 1) {
  const { metadata } = await store.changeHost(host.id, done, counted)
  // Out of here before the next change, however fast the disk is.
  await new Promise((written) => stdout.write(`${metadata['n']}\n`, written))
}
await store[Symbol.asyncDispose]()
