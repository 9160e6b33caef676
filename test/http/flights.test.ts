import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Flights } from '../../src/http/boot/flights.ts'
import { loaderServer, loading } from './lab-kind.ts'
import { wireTo } from './raw-socket.ts'

test('a file on its way is looked at once a second, by what its socket has sent', (t) => {
  let now = 0
  const flights = new Flights(() => now)
  t.after(() => flights.close())
  const socket = { bytesWritten: 500, writableLength: 0 }
  const seen: number[] = []
  const land = flights.start({ socket: socket as Socket, size: 1000, onMore: (bytes) => seen.push(bytes) })
  const look = (at: number, written: number, waiting = 0) => {
    now = at
    Object.assign(socket, { bytesWritten: written, writableLength: waiting })
    flights.look()
  }
  look(500, 600)
  look(1000, 800, 100)
  look(1500, 900)
  look(2000, 900)
  look(3000, 900)
  look(4000, 5000)
  assert.deepEqual(seen, [200, 400, 1000])
  land()
  look(9000, 9000)
  assert.equal(seen.length, 3)
})

test('with many files on their way each is looked at less often', (t) => {
  let now = 0
  const flights = new Flights(() => now)
  t.after(() => flights.close())
  let looks = 0
  const socket = { bytesWritten: 0, writableLength: 0 }
  for (let n = 0; n < 2000; n += 1) {
    flights.start({ socket: socket as Socket, size: 1e9, onMore: () => (looks += 1) })
  }
  for (let second = 1; second <= 12; second += 1) {
    now = second * 1000
    socket.bytesWritten = now
    flights.look()
  }
  assert.equal(looks, 4000)
})

test('an install tells how far its file is while that is on its way, and nothing of it afterwards', async (t) => {
  const server = await loaderServer(t)
  await server.put('images/esx/big.v00', Buffer.alloc(64_000_000, 7))
  server.later()
  const { id } = await loading(server)
  const port = await server.listen()
  using wire = await wireTo(port)
  wire.socket.pause()
  wire.send(`GET /b/${id}/tree/big.v00 HTTP/1.1\r\nHost: x\r\n\r\n`)
  const progress = async () => (await server.store.findInstall(1))?.progress
  let seen = await progress()
  while (seen?.file === undefined) {
    server.later(1000)
    await setImmediate()
    seen = await progress()
  }
  const { name, bytes, size } = seen.file
  assert.deepEqual([name, size], ['big.v00', 64_000_000])
  assert.ok(bytes > 0 && bytes < 64_000_000, `${bytes}`)
  wire.socket.resume()
  while ((await progress())?.done.bytes !== 64_000_000) {
    server.later(1000)
    await setImmediate()
  }
  assert.equal((await progress())?.file, undefined)
})
