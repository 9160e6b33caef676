import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { importImage } from '../../src/commands/import-image.ts'
import { fill } from '../images/folder.ts'
import { labServer } from './lab-server.ts'

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

test('a download that is running while its image is replaced ends with the old file, whole', async (t) => {
  const server = await labServer(t)
  const old = randomBytes(40_000_000)
  const disk = { vmlinuz: 'kernel', initrd: 'initrd' }
  await fill(join(server.folder, 'images/one'), { ...disk, 'big.v00': old })
  const url = `http://127.0.0.1:${await server.listen()}/images/one/big.v00`
  const response = await fetch(url)
  const reader = response.body?.getReader()
  const chunks = [(await reader?.read())?.value ?? new Uint8Array()]
  // What nobody reads stays with the server: the sockets hold far less than the file.
  const source = await fill(join(server.folder, 'source'), { ...disk, 'big.v00': 'new' })
  const imagesRoot = join(server.folder, 'images')
  await importImage({ imagesRoot }, { name: 'one', source, importedAt: 0, replace: true }, new AbortController().signal)
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) chunks.push(part.value)
  assert.equal(sha256(Buffer.concat(chunks)), sha256(old))
  server.later()
  assert.equal(await (await fetch(url)).text(), 'new')
})

test('a download that starts in the instant of a replacement waits for it', async (t) => {
  const server = await labServer(t)
  const images = join(server.folder, 'images')
  await server.put('images/one/file', 'old')
  // As a replacement does it: one directory aside, the other in its place.
  const staging = join(images, '.staging/one,here,0,0,1,0,00')
  await mkdir(staging, { recursive: true })
  await rename(join(images, 'one'), join(staging, 'old'))
  const answer = server.get('/images/one/file')
  await fill(join(images, '.new'), { file: 'new' })
  await rename(join(images, '.new'), join(images, 'one'))
  assert.equal((await answer).body, 'new')
  await rm(staging, { recursive: true })
  await rm(join(images, 'one'), { recursive: true })
  assert.equal((await server.get('/images/one/file')).statusCode, 404)
})
