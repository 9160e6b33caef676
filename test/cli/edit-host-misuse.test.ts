import assert from 'node:assert/strict'
import { test } from 'node:test'
import { place } from './program.ts'

for (const [what, args, message] of [
  ['nothing at all', [], /nothing to do/],
  ['an unknown flag', ['--stat', 'new'], /unknown option '--stat'[\s\S]*--state/],
  ['a word that belongs to no flag', ['-l', 'esx1'], /too many arguments/],
  ['a change without a host', ['-s', 'new'], /which host/],
  ['a plan that cannot be read', ['-i', '1', '-s', 'a b'], /--state "a b" cannot be a plan/],
  ['a name that is none', ['-i', '1', '-n', 'a_b'], /--name a_b is not a host name/],
  ['a name that is a number', ['-i', '1', '-n', '17'], /--name 17 is not a host name/],
  ['broken JSON', ['-i', '1', '-m', '{"a": 1,\n "b" 2}'], /line 2, column 6/],
  ['JSON that is no object', ['-i', '1', '-m', '[]'], /no JSON object/],
  ['a file that is not there', ['-i', '1', '-m', '@none.json'], /--metadata @none.json does not exist/],
  ['an expiry without a unit', ['-i', '1', '-s', 'a', '--expires', '100'], /--expires 100 is not a time/],
  ['an expiry that is over', ['-i', '1', '-s', 'a', '--expires=-2h'], /--expires -2h is not a time/],
  ['an expiry of nothing', ['-i', '1', '-s', 'a', '--expires', '0h'], /--expires 0h is not a time/],
  ['an endless expiry', ['-i', '1', '-s', 'a', '--expires', '9999y'], /longer than a year/],
  ['an expiry without a plan', ['-i', '1', '--expires', '2h'], /--expires needs a plan/],
  ['an expiry of no image', ['-i', '1', '-s', 'finished', '--expires', '2h'], /--expires needs a plan/],
  ['protecting and unprotecting', ['-i', '1', '--protect', '--unprotect'], /exclude each other/],
  ['deleting and naming', ['-i', '1', '--delete', '-n', 'a'], /go with no other change/],
  ['a MAC that is none', ['-i', '1', '--forget-mac', 'zz'], /--forget-mac zz/],
  ['firmware that starts by what it cannot', ['-i', '1', '--firmware-boot', 'tftp'], /is not one of ipxe, http/],
  ['an unknown way to the disk', ['-i', '1', '--local-boot', 'grub'], /is not one of auto, exit, sanboot, poweroff/],
  ['a last of nothing', ['--events', '--last', '0'], /--last 0 is not a number/],
] as const) {
  test(`${what} is misuse: exit 2, and no database is made`, async (t) => {
    const here = await place(t)
    const { code, stdout, stderr } = await here.metalspray('edit-host', ...args)
    assert.match(stderr, message)
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.deepEqual(await here.files(), [])
  })
}

test('all that is wrong is told at once', async (t) => {
  const here = await place(t)
  const { stderr } = await here.editHost('-i', '1', '-n', 'a_b', '--local-boot', 'grub', '-m', '{')
  assert.match(stderr, /^error: 3 settings are wrong\n {2}--name .*\n {2}--metadata .*\n {2}--local-boot .*\n$/)
})
