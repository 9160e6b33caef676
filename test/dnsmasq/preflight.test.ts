import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { type PreflightOptions, preflight } from '../../src/dnsmasq/preflight.ts'

const options: PreflightOptions = {
  interface: 'lo',
  proxy: false,
  files: { bios: 'b', x64: 'x' },
  program: 'sh',
  path: '/usr/bin:/bin',
}

const isRoot = process.getuid?.() === 0

async function whats(changes: Partial<PreflightOptions>): Promise<readonly string[]> {
  return (await preflight({ ...options, ...changes })).map((finding) => `${finding.severity}: ${finding.what}`)
}

test('everything that is missing is told at once, each with what mends it', async () => {
  const findings = await preflight({ ...options, interface: 'nope7', files: {}, program: 'no-such-program' })
  const told = findings.map((finding) => finding.what).join('\n')
  assert.match(told, /the program no-such-program is not installed/)
  assert.match(told, /there is no interface nope7/)
  assert.match(told, /no iPXE was found/)
  for (const finding of findings) assert.notEqual(finding.mend, '')
})

test('the loopback interface is refused, and nobody is told to give it an address', async () => {
  const [finding] = (await preflight(options)).filter(({ what }) => what.startsWith('interface lo'))
  assert.equal(finding?.severity, 'error')
  assert.match(finding?.mend ?? '', /see what there is/)
})

test('iPXE for one kind of firmware only is a warning', async () => {
  assert.ok((await whats({ files: { x64: 'x' } })).includes('warning: no iPXE was found for BIOS (undionly.kpxe)'))
})

test('without the loader for local disks there is a warning', async () => {
  const told = await whats({ localDisk: [] })
  assert.ok(told.includes('warning: the loader that starts UEFI machines from their disks could not be made'))
})

test('a port that another program holds for itself is told', { skip: !isRoot }, async () => {
  const other = createSocket('udp4')
  other.bind({ port: 4011, exclusive: true })
  await once(other, 'listening')
  try {
    assert.ok((await whats({ proxy: true })).includes('error: UDP port 4011 is taken'))
  } finally {
    other.close()
  }
})

test('a port that another program shares is a warning', { skip: !isRoot }, async () => {
  const other = createSocket({ type: 'udp4', reuseAddr: true })
  other.bind({ port: 4011, exclusive: true })
  await once(other, 'listening')
  try {
    assert.ok((await whats({ proxy: true })).includes('warning: another program listens on UDP port 4011 as well'))
  } finally {
    other.close()
  }
})
