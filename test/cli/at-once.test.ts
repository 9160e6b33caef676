import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host, place } from './program.ts'

// KIWIspray lost 52 of 60 hosts to 30 edits at once: each rewrote the whole list as it had read it.
test('eight programs that change 25 hosts each at once lose nothing', async (t) => {
  const here = await place(t)
  const ids = Array.from({ length: 25 }, (_, index) => index + 1)
  await here.addHosts(...ids.map((id) => host(id, { uuid: uuidOf(id) })))
  const rack = ['-m', '{"rack": "b4"}']
  const boot = ['--local-boot', 'sanboot']
  const edits = [rack, boot, ['--forget-serial'], ['-s', 'finished'], ['--forget-uuid'], rack, boot, [...rack, ...boot]]
  const named = ids.flatMap((id) => ['-i', String(id)])
  const outcomes = await Promise.all(edits.map((edit) => here.editHost(...named, ...edit)))
  for (const { code, stderr } of outcomes) assert.equal(code, 0, stderr)
  for (const { metadata, localBoot, serial, uuid, state } of await here.hosts()) {
    const expected = { metadata: { rack: 'b4' }, localBoot: 'sanboot', serial: undefined, uuid: undefined }
    assert.deepEqual({ metadata, localBoot, serial, uuid, state }, { ...expected, state: 'finished' })
  }
})

test('eight programs that change one host 25 times each leave an event for every change', async (t) => {
  const here = await place(t)
  await here.addHosts(host(1))
  const again = Array.from({ length: 25 }, () => ['-i', '1']).flat()
  const programs = Array.from({ length: 8 }, (_, index) => here.editHost(...again, '-m', `{"by": ${index}}`))
  for (const { code, stderr } of await Promise.all(programs)) assert.equal(code, 0, stderr)
  const { stdout } = await here.editHost('-i', '1', '--events', '--last', '1000', '--json')
  const edits = JSON.parse(stdout).filter(({ type }: { type: string }) => type === 'edited')
  assert.equal(edits.length, 200)
})

function uuidOf(id: number): string {
  return `b0b0b0b0-0000-4000-8000-${id.toString(16).padStart(12, '0')}`
}
