import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { start } from './going-on.ts'
import { MAIN, place } from './program.ts'

test('what a console says while the server runs is in the log of its host, and there when the server has stopped', async (t) => {
  const here = await place(t)
  const doors = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0', '--syslog', '127.0.0.1:0']
  const child = spawn(process.execPath, [MAIN, 'serve', ...doors], {
    cwd: here.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  let [url, port]: (string | undefined)[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /boot door on (http:[^"\s]+)/.exec(line)?.[1]
    port ??= /syslog on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (url !== undefined && port !== undefined) break
  }
  child.stdout.resume()
  assert.equal((await fetch(new URL('/bootstrap?net0=02:00:00:00:00:01&serial=CZJ1', url))).status, 200)
  const logs = start(t, here.folder, ['logs', '-i', '1', '--follow'])
  await logs.until('stdout', /discovered/)
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.send('<29>ipxe: Looking for an address on all network cards ...', Number(port), '127.0.0.1')
  await logs.until('stdout', /boot 1 +> ipxe +Looking for an address/)
  assert.equal(await logs.stop(), 0)
  await new Promise((resolve) => socket.send('<29>ipxe: the last words', Number(port), '127.0.0.1', resolve))
  // By another connection: what came before it is in the server by now.
  await fetch(new URL('/state?id=1', url))
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.match((await here.inProcess('logs', '-i', '1', '--since', '1h')).stdout, /> ipxe +the last words\n$/)
})
