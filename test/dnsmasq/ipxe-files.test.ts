import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findIpxe, makeTftpRoot } from '../../src/dnsmasq/ipxe-files.ts'
import { findUser } from '../../src/dnsmasq/system-user.ts'
import { temporaryDirectory } from './temporary.ts'

/** The smallest file that says for which machine it is. */
function efiProgram(machine: number): Buffer {
  const bytes = Buffer.alloc(0x60)
  bytes.write('MZ')
  bytes.writeUInt32LE(0x40, 0x3c)
  bytes.write('PE\0\0', 0x40)
  bytes.writeUInt16LE(machine, 0x44)
  return bytes
}

test('iPXE programs are found by what they are, whatever they are called', (t) => {
  const directory = temporaryDirectory(t)
  mkdirSync(join(directory, 'arm64'))
  writeFileSync(join(directory, 'snponly.efi'), efiProgram(0x8664))
  writeFileSync(join(directory, 'arm64', 'snponly.efi'), efiProgram(0xaa64))
  writeFileSync(join(directory, 'undionly.kpxe'), Buffer.alloc(100))
  assert.deepEqual(findIpxe(undefined, [directory]), {
    bios: join(directory, 'undionly.kpxe'),
    x64: join(directory, 'snponly.efi'),
    arm64: join(directory, 'arm64', 'snponly.efi'),
  })
})

test('an x64 program with the name of an arm64 one is not taken for it', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'snponly-arm64.efi'), efiProgram(0x8664))
  assert.deepEqual(findIpxe(directory, []), {})
})

test("the operator's own iPXE wins over the distribution's", (t) => {
  const own = temporaryDirectory(t)
  const theirs = temporaryDirectory(t)
  for (const directory of [own, theirs]) writeFileSync(join(directory, 'undionly.kpxe'), Buffer.alloc(100))
  assert.deepEqual(findIpxe(own, [theirs]), { bios: join(own, 'undionly.kpxe') })
})

test('a damaged program is passed over', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'snponly.efi'), 'MZ')
  writeFileSync(join(directory, 'ipxe.efi'), Buffer.concat([efiProgram(0x8664).subarray(0, 0x40), Buffer.alloc(8)]))
  assert.deepEqual(findIpxe(directory, []), {})
})

test('the TFTP root holds the programs under the names that machines ask for, and nothing else', (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'snponly.efi'), efiProgram(0x8664))
  const root = makeTftpRoot(join(directory, 'data', 'tftp'), findIpxe(directory, []))
  assert.deepEqual(readdirSync(root.directory).toSorted(), [...root.localDisk, 'snponly-x64.efi'].toSorted())
  assert.deepEqual(readFileSync(join(root.directory, 'snponly-x64.efi')), efiProgram(0x8664))
  assert.deepEqual(root.files, { x64: join(root.directory, 'snponly-x64.efi') })
})

test('the copies belong to the user that dnsmasq runs as', { skip: process.getuid?.() !== 0 }, (t) => {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'snponly.efi'), efiProgram(0x8664))
  const root = makeTftpRoot(join(directory, 'tftp'), findIpxe(directory, []))
  const user = findUser(root.user ?? '')
  // The temporary directory is open to nobody else, so it must be root.
  assert.equal(root.user, 'root')
  assert.equal(statSync(root.files.x64 ?? '').uid, user?.uid)
})

test('a user is found in the list of users', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\ndnsmasq:x:104:65534:dnsmasq,,,:/var/lib/misc:/usr/sbin/nologin\n'
  assert.deepEqual(findUser('dnsmasq', passwd), { name: 'dnsmasq', uid: 104, gid: 65534 })
  assert.equal(findUser('dns', passwd), undefined)
})
