import assert from 'node:assert/strict'
import { test } from 'node:test'
import { typed } from './commands.ts'
import { Screen, seconds } from './screen.ts'
import { quotable, readLine } from './stages.ts'

/** A terminal that remembers what was written. */
function paper(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 40, written, write: (text: string) => written.push(text) }
}

test('moving lines are drawn in place of those before, and lines that stay go above them', () => {
  const terminal = paper(true)
  const screen = new Screen(terminal, { NO_COLOR: '1' })
  screen.draw(['one', 'two'])
  screen.print('stays')
  screen.draw([])
  assert.deepEqual(terminal.written, [
    'one\ntwo\n\u001b[?25l',
    '\u001b[2A\r\u001b[Jstays\none\ntwo\n',
    '\u001b[2A\r\u001b[J\u001b[?25h',
  ])
})

test('where nobody watches, no line moves and nothing is coloured', () => {
  const pipe = paper(false)
  const screen = new Screen(pipe, {})
  screen.draw(['moving'])
  screen.act('Power on')
  assert.equal(pipe.written.join(''), '\n== Power on\n')
})

test('a console tells stages, progress and failures', () => {
  assert.deepEqual(readLine('SeaBIOS (version 1.16.2)'), { stage: 'firmware' })
  assert.deepEqual(readLine('metalspray-lab: install progress 18 MiB'), { mib: 18 })
  assert.deepEqual(readLine('metalspray-lab: install failed no disk'), { failure: 'its installer said: no disk' })
  assert.deepEqual(readLine('metalspray: this disk boots by itself (BIOS) demo'), { stage: 'up' })
  assert.deepEqual(readLine('Features: DNS HTTP'), {})
  assert.deepEqual(readLine('esxi-stand-in: weasel install on /dev/vda, name m1'), { stage: 'write' })
  assert.deepEqual(readLine('esxi-stand-in: kernel PSOD: imgdb.tgz is no tar'), {
    failure: 'its installer said: imgdb.tgz is no tar',
  })
})

test('what is quoted of a console can neither steer a terminal nor open a boot', () => {
  assert.equal(quotable('a\u001b[2J\u0008  b'), 'a [2J b')
  assert.equal(quotable('http://10.77.0.1:5000/b/0123456789abcdef/tree/x'), 'http://10.77.0.1:5000/b/.../tree/x')
})

test('a command is shown as a shell takes it', () => {
  assert.match(
    typed('edit-host', '--set', "a=$6$x'y", '-s', 'wipe,demo'),
    /edit-host --set 'a=\$6\$x'\\''y' -s wipe,demo$/,
  )
})

test('times are as people write them', () => {
  assert.equal(seconds(5649), '5.6 s')
  assert.equal(seconds(125_000), '2 m 05 s')
})
