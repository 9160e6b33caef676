import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { showProgress } from '../../src/cli/progress.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { craftMedium } from '../images/iso9660/craft-medium.ts'
import { MAIN, place } from './program.ts'

test('without a terminal, a line every few seconds tells bytes, rate and time left', () => {
  const said: string[] = []
  let now = 0
  const terminal = { ...processTerminal(), isLive: false, now: () => now, say: (text: string) => void said.push(text) }
  using view = showProgress(terminal)
  for (; now <= 20_000; now += 1000) {
    view.onProgress({ step: 'read', done: now * 10_000, total: 400_000_000, file: 'tools.t00' })
  }
  assert.deepEqual(said, [
    'reading: 50.0 MB of 400 MB, 10.0 MB/s, 35s left  tools.t00',
    'reading: 100 MB of 400 MB, 10.0 MB/s, 30s left  tools.t00',
    'reading: 150 MB of 400 MB, 10.0 MB/s, 25s left  tools.t00',
    'reading: 200 MB of 400 MB, 10.0 MB/s, 20s left  tools.t00',
  ])
})

test('on a terminal, a bar tells the same, and Ctrl-C ends the import and leaves nothing', async (t) => {
  const here = await place(t)
  await craftMedium(join(here.folder, 'x.iso'), 20_000_000_000)
  // A terminal of its own, on which Ctrl-C can be typed.
  const command = `'${process.execPath}' '${MAIN}' import a x.iso`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: here.folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let shown = ''
  for await (const part of child.stdout) {
    const before = shown
    shown += stripVTControlCharacters(String(part))
    const told = /reading █*░* \d+% {2}[\d.]+ [MG]B of 20\.0 GB, [\d.]+ [MG]B\/s, \d+[smh] left {2}BIG\.V00/
    if (told.test(shown) && !told.test(before)) child.stdin.write('\x03')
  }
  assert.match(shown, /stopping; what was written is taken away/)
  assert.deepEqual(await ended, [130, null])
  assert.deepEqual(await readdir(join(here.folder, 'images/.staging')), [])
})
