import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host, place } from './program.ts'

test('values are set in the metadata and taken away, beside others that stay', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { rack: 'b4', disk: { name: 'sda', size: 5 } } }))
  const { code, stdout, stderr } = await here.editHost(
    ...['-i', '1', '--set', 'disk.size=20', '--set', 'net.ip=10.0.0.1', '--unset', 'disk.name', '--unset', 'none'],
  )
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.equal(stdout, 'host 1: metadata: disk.name taken away, disk.size set, net.ip set\n')
  const [edited] = await here.hosts()
  assert.deepEqual(edited?.metadata, { rack: 'b4', disk: { size: 20 }, net: { ip: '10.0.0.1' } })
})

test('what is set already changes nothing', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { rack: 'b4' } }))
  assert.equal((await here.editHost('-i', '1', '--set', 'rack=b4')).stdout, 'host 1: nothing to change\n')
})

test('replaced metadata, values in it and a plan are one change, all or nothing', async (t) => {
  const here = await place(t)
  await here.write('images/wipe/host.tmpl', '#!ipxe\nexit\n')
  await here.addHosts(host(1, { metadata: { old: 1 } }))
  const change = (...more: string[]) =>
    here.editHost('-i', '1', '-m', '{"rack": "b4", "a": 1}', '--set', 'a=2', '-n', 'esx1', ...more)
  const refused = await change('--set', 'rack.unit=3', '-s', 'wipe')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /^error: "rack" is a value, so that "rack\.unit" cannot be; unset it/)
  const [before] = await here.hosts()
  assert.deepEqual([before?.metadata, before?.hostname, before?.state], [{ old: 1 }, undefined, 'new'])
  assert.equal((await change('--unset', 'rack', '--set', 'rack.unit=3', '-s', 'wipe')).code, 0)
  const [after] = await here.hosts()
  assert.deepEqual([after?.metadata, after?.state], [{ a: 2, rack: { unit: 3 } }, 'assigned'])
})

test('the values of settings are in no event', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  await here.editHost('-i', '1', '--set', 'bmc.password=secret17')
  const { stdout } = await here.editHost('-i', '1', '--events')
  assert.match(stdout, /metadata: bmc\.password set\n/)
  assert.doesNotMatch(stdout, /secret17/)
})

for (const [what, args, message] of [
  ['no value', ['--set', 'rack'], /^error: --set rack has no value; it is meant like esxi\.disk=local\n/],
  ['an empty key', ['--unset', 'a..b'], /^error: --unset a\.\.b has an empty key/],
  ['a key of all objects', ['--set', 'a.__proto__.b=1'], /has the key __proto__, which cannot be one/],
  ['such a key in replaced metadata', ['-m', '{"a": {"__proto__": 1}}'], /has the key __proto__/],
  ['one path twice', ['--set', 'a.b=1', '--unset', 'a.b'], /^error: a\.b is set or unset twice\n/],
] as const) {
  test(`${what} is misuse`, async (t) => {
    const here = await place(t)
    const { code, stderr } = await here.metalspray('edit-host', '-i', '1', ...args)
    assert.match(stderr, message)
    assert.equal(code, 2)
  })
}

test('the hash of a root password is shown nowhere, and survives that a listing is given back', async (t) => {
  const hash = `$6$saltsalt$${'a'.repeat(86)}`
  const here = await place(t)
  await here.addHosts(host(1, { metadata: { rack: 'b4', esxi: { rootPassword: hash } } }), host(2))
  for (const args of [['-i', '1'], ['-lll'], ['-l', '--json'], ['-i', '1', '--json'], ['-i', '1', '--events']]) {
    const { stdout, stderr } = await here.editHost(...args)
    assert.doesNotMatch(stdout + stderr, /aaaa/)
    if (!args.includes('--events')) assert.match(stdout, /\(set\)/)
  }
  const { metadata } = JSON.parse((await here.editHost('-i', '1', '--json')).stdout)
  const given = JSON.stringify({ ...metadata, rack: 'b5' })
  assert.equal((await here.editHost('-i', '1', '-m', given)).code, 0)
  assert.deepEqual((await here.hosts())[0]?.metadata, { rack: 'b5', esxi: { rootPassword: hash } })
  const other = await here.editHost('-i', '2', '-m', given)
  assert.deepEqual([other.code, (await here.hosts())[1]?.metadata], [1, {}])
  assert.match(other.stderr, /^error: esxi\.rootPassword reads \(set\), but it is not set/)
})
