import assert from 'node:assert/strict'
import type { KnownWorld } from './known-hosts.ts'

/** An answer from wherever it came. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

/** Holds for every answer of the boot door, whatever was asked. @throws {assert.AssertionError} naming the request */
export function checkAnswer(world: KnownWorld, method: string, target: string, answer: Answer): void {
  try {
    check(world, method, target, answer)
  } catch (error) {
    if (error instanceof Error) error.message = `${method} ${target} is ${answer.status}: ${error.message}`
    throw error
  }
}

function check(world: KnownWorld, method: string, target: string, { status, headers, body }: Answer): void {
  const text = String(body)
  assert.ok(status >= 200 && status < 500, text.slice(0, 200))
  assert.doesNotMatch(text, /\n\s+at |node_modules|\.ts:\d|HIDDEN|<html/i)
  if (method === 'HEAD' || status === 304) assert.equal(text, '')
  else assert.equal(Number(headers['content-length']), body.length)
  if (status >= 400) checkRefusal(method, headers, text)
  else if (text !== '') checkSuccess(world, target, text)
}

function checkRefusal(method: string, headers: Answer['headers'], text: string): void {
  assert.match(String(headers['content-type']), /^text\/plain/)
  if (method !== 'HEAD') assert.match(text, /^[\x20-\x7e]{1,400}\n$/)
}

/** Every 2xx with a body that there can be: a script, a word, what was said before, or the bytes of a file that may be had. */
function checkSuccess({ files, over }: KnownWorld, target: string, text: string): void {
  const path = pathOf(target)
  const isOver = over.some((key) => target.includes(key))
  const [, expected] = ANSWERS.find(([where]) => where.test(path)) ?? []
  if (/\b(?:finish|fail|update)$/i.test(path)) assert.ok(isOver, 'only what was done before is 200')
  if (expected !== undefined) assert.match(text, expected)
  else
    assert.ok(
      files.some((file) => file.includes(text)),
      text.slice(0, 200),
    )
}

const ANSWERS: readonly (readonly [where: RegExp, expected: RegExp])[] = [
  [/^\/(?:bootstrap(?:\.ipxe)?|beacon)$/, /^#!ipxe\n/],
  [/^\/state$/, /^[a-z]+\n$/],
  [/^\/(?:b\/[0-9a-f]{32}\/)?post-install$/, /^#!\/bin\/sh\n/],
  [/^\/b\/[0-9a-f]{32}\/(?:report|wait)$/, /^#!ipxe\n$/],
  [/^\/b\/[0-9a-f]{32}\/(?:finish|fail)$/, /^host \d is (?:finished|failed) now\n$/],
  [/^\/b\/[0-9a-f]{32}\/stage\/(?:started|configured)$/, /^(?:started|configured) is noted\n$/],
  [/^\/b\/[0-9a-f]{32}\/(?:01-[0-9a-f-]+\/)?boot\.cfg$/, /^\{"host":5,"image":"esx",/],
  // Of machines that the run made up: they have no plan.
  [/^\/uefi\/(?:[^/]+\/){1,2}boot\.cfg$/, /^leave: host \d+ waits for a plan\n$/],
  [/^\/b\/[0-9a-f]{32}\/ks\.cfg$/, /^# RHEL 8 and its family, and Fedora: answers for host \d\. /],
  [/^\/b\/[0-9a-f]{32}\/meta\.tgz$/, /^\u001f/],
  [/^\/b\/[0-9a-f]{32}\/queue$/, /^#!ipxe\n(?:set queued no|echo Place \d+ of \d+ in the queue)\n$/],
  [/^\/finish$/, /^host \d successfully transitioned to finished state\n$/],
]

function pathOf(target: string): string {
  return (target.split(/[?#]/)[0] ?? '').replace(/^https?:\/\/[^/]*/, '')
}
