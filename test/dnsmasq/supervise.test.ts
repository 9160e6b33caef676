import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DnsmasqState, superviseDnsmasq } from '../../src/dnsmasq/supervise.ts'
import { temporaryDirectory } from './temporary.ts'

/** A program in dnsmasq's place. */
function program(t: TestContext, script: string): string {
  const file = join(temporaryDirectory(t), 'dnsmasq')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

/** A supervised program, with all that it said and all that became of it. */
function supervised(t: TestContext, script: string, pauses: number[] = []) {
  const states: DnsmasqState[] = []
  const lines: string[] = []
  const dnsmasq = superviseDnsmasq({
    program: program(t, script),
    configFile: '/dev/null',
    onLine: (line) => lines.push(line),
    onState: (state) => states.push(state),
    now: () => 0,
    wait: async (ms) => pauses.push(ms),
  })
  return { dnsmasq, states, lines }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'it did not come true in time')
    await sleep(10)
  }
}

function isAlive(pid: number): boolean {
  // A zombie still has its pid.
  return existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

test('what dnsmasq says comes line by line', async (t) => {
  const { dnsmasq, lines } = supervised(t, 'echo one; echo two >&2; exec sleep 1000')
  await until(() => lines.length === 2)
  assert.deepEqual(lines.toSorted(), ['one', 'two'])
  await dnsmasq[Symbol.asyncDispose]()
})

test('a dnsmasq that ends is started again, with growing pauses', async (t) => {
  const pauses: number[] = []
  const { dnsmasq, states } = supervised(t, 'exit 2', pauses)
  await until(() => pauses.length >= 7)
  await dnsmasq[Symbol.asyncDispose]()
  assert.deepEqual(pauses.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  assert.deepEqual(states[1], { kind: 'ended', how: 'it ended with status 2', againInMs: 1000 })
  assert.deepEqual(states.at(-1), { kind: 'stopped' })
})

test('a configuration that dnsmasq does not understand is not tried again', async (t) => {
  const { dnsmasq, states } = supervised(t, 'exit 1')
  await dnsmasq.ended
  assert.deepEqual(states.at(-1), { kind: 'gave-up', how: 'it ended with status 1' })
})

test('it stops with us, and its end is waited for', async (t) => {
  const { dnsmasq, states, lines } = supervised(t, 'echo $$; exec sleep 1000')
  await until(() => lines.length === 1)
  const pid = Number(lines[0])
  assert.ok(isAlive(pid))
  await dnsmasq[Symbol.asyncDispose]()
  assert.ok(!isAlive(pid))
  assert.deepEqual(states.at(-1), { kind: 'stopped' })
})

test('it stops when the signal fires', async (t) => {
  const abort = new AbortController()
  const lines: string[] = []
  const dnsmasq = superviseDnsmasq({
    program: program(t, 'echo $$; exec sleep 1000'),
    configFile: '/dev/null',
    onLine: (line) => lines.push(line),
    onState: () => {},
    signal: abort.signal,
    now: () => 0,
  })
  await until(() => lines.length === 1)
  abort.abort()
  await dnsmasq.ended
  assert.ok(!isAlive(Number(lines[0])))
})

test('it does not outlive a server that is killed', async (t) => {
  const script = program(t, 'echo $$; exec sleep 1000')
  const server = spawn(process.execPath, [
    '--input-type=module-typescript',
    '--eval',
    `import { superviseDnsmasq } from ${JSON.stringify(new URL('../../src/dnsmasq/supervise.ts', import.meta.url).href)}
     superviseDnsmasq({ program: ${JSON.stringify(script)}, configFile: '/dev/null', now: () => 0,
       onLine: (line) => console.log(line), onState: () => {} })`,
  ])
  const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string]
  const pid = Number(line)
  assert.ok(isAlive(pid))
  server.kill('SIGKILL')
  await until(() => !isAlive(pid))
})

test('it is told to read its hosts again, and goes on', async (t) => {
  const listening =
    "process.on('SIGHUP', () => console.log('read again')); setInterval(() => {}, 1000); console.log('up')"
  const { dnsmasq, states, lines } = supervised(t, `exec '${process.execPath}' -e "${listening}"`)
  await until(() => lines.length === 1)
  for (const times of [1, 2]) {
    dnsmasq.reload()
    await until(() => lines.length === 1 + times)
  }
  assert.deepEqual(lines, ['up', 'read again', 'read again'])
  assert.deepEqual(states.length, 1)
  await dnsmasq[Symbol.asyncDispose]()
  dnsmasq.reload()
  assert.deepEqual(states.at(-1), { kind: 'stopped' })
})
