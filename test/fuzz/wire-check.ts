import assert from 'node:assert/strict'
import { type Wire, wireTo } from '../http/raw-socket.ts'
import { checkAnswer } from './check-answer.ts'
import type { KnownWorld } from './known-hosts.ts'
import type { FuzzRequest } from './requests.ts'
import type { WireBytes } from './wire-bytes.ts'

/** No answer takes so long; a connection that lives longer hangs. In ms. */
const HANG = 30_000

/** Sends all the bytes, ends, and looks at all that comes back. @throws {assert.AssertionError} */
export async function checkWire(world: KnownWorld, port: number, { bytes, sent }: WireBytes): Promise<void> {
  using wire = await wireTo(port)
  const hang = setTimeout(() => wire.socket.destroy(new Error('hangs')), HANG)
  let broke: Error | undefined
  wire.socket.on('error', (error) => {
    broke = error
  })
  wire.socket.end(bytes)
  if (sent === undefined) checkAnyAnswers(String(await wire.rest()))
  else await checkEach(world, wire, sent)
  clearTimeout(hang)
  assert.notEqual(broke?.message, 'hangs')
}

/** Each request has its answer, in order, up to one that ends the connection: what is behind a body that was not read is lost. */
async function checkEach(world: KnownWorld, wire: Wire, sent: readonly FuzzRequest[]): Promise<void> {
  for (const { method, target } of sent) {
    const answer = await wire.answer({ isHead: method === 'HEAD' })
    checkAnswer(world, method, target, answer)
    if (answer.headers['connection'] === 'close') return
  }
}

/** Of answers to bytes that have no clear end: each starts as one should, and none is a 5xx or tells of the inside. */
function checkAnyAnswers(text: string): void {
  assert.match(text, /^(?:$|HTTP\/1\.1 [1-4]\d\d )/)
  assert.doesNotMatch(text, /HTTP\/1\.1 5\d\d |\n\s+at |node_modules|\.ts:\d|HIDDEN|<html/i)
}
