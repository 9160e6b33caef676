import assert from 'node:assert/strict'
import { test } from 'node:test'
import { place } from './program.ts'

/** An interface that is not there: nothing is sent into the network of whoever runs the tests. */
const NOWHERE = ['--interface', 'nosuch7']

test('doctor tells findings with what mends them, and ends with 1 when one keeps machines from booting', async (t) => {
  const { inProcess } = await place(t)
  const { code, stdout } = await inProcess('doctor', ...NOWHERE)
  assert.equal(code, 1)
  assert.match(
    stdout,
    /^FAIL {2}there is no interface nosuch7, only .* \[interface\]\n {6}\S.*\n {6}mend: ip -brief address; /m,
  )
  assert.match(stdout, /^ok {4}.*\bclock, /m)
  assert.match(stdout, /findings? that keeps? machines from booting/)
})

test('doctor names all that is well when asked to', async (t) => {
  const { inProcess } = await place(t)
  const { stdout } = await inProcess('doctor', '--all', ...NOWHERE)
  assert.match(stdout, /^ok {4}the clock says .* \[clock\]$/m)
})

test('doctor prints JSON with every field of every finding', async (t) => {
  const { inProcess } = await place(t)
  const { code, stdout } = await inProcess('doctor', '--json', ...NOWHERE)
  assert.equal(code, 1)
  const findings: Record<string, unknown>[] = JSON.parse(stdout)
  assert.ok(findings.length > 10)
  for (const finding of findings) assert.deepEqual(Object.keys(finding), ['id', 'level', 'what', 'why', 'mend'])
  assert.equal(findings.find(({ id }) => id === 'clock')?.['mend'], null)
})

test('doctor makes no folder and no database', async (t) => {
  const { inProcess, files } = await place(t)
  await inProcess('doctor', ...NOWHERE)
  assert.deepEqual(await files(), [])
})

test('doctor refuses a wait that makes no sense', async (t) => {
  const { inProcess } = await place(t)
  const { code, stderr } = await inProcess('doctor', '--wait', '-1')
  assert.deepEqual([code, stderr], [2, 'error: --wait -1 is not a number of seconds, up to 60\n'])
})
