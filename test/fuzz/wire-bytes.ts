import fc, { type Arbitrary } from 'fast-check'
import type { FuzzRequest } from './requests.ts'

/** The requests of one connection, one behind the other, as bytes. */
export interface WireBytes {
  readonly bytes: Buffer
  /** The requests in it, when all of it is well-formed; otherwise nobody knows how many there are. */
  readonly sent: readonly FuzzRequest[] | undefined
}

/** How a request is written, or ruined. */
const RUIN = [
  'not',
  'not',
  'not',
  'not',
  'chunked',
  'bad chunks',
  'too short a length',
  'too long a length',
  'two lengths',
  'no length',
  'bad length',
  'header flood',
  'long header',
  'folded header',
  'no colon',
  'control characters',
  'bare line feeds',
  'no host',
  'old version',
  'bad version',
  'no version',
  'spaces',
  'absolute',
  'cut',
  'upgrade',
  'expect',
] as const

type Ruin = (typeof RUIN)[number]

export function wireBytes(request: Arbitrary<FuzzRequest>): Arbitrary<WireBytes> {
  const one = fc.tuple(request, fc.constantFrom(...RUIN))
  return fc.array(one, { minLength: 1, maxLength: 4 }).map((requests) => ({
    bytes: Buffer.concat(requests.map(([asked, ruin]) => write(asked, ruin))),
    sent: requests.every(([, ruin]) => ruin === 'not' || ruin === 'chunked')
      ? requests.map(([asked]) => asked)
      : undefined,
  }))
}

/** Bytes that are no HTTP at all, or nearly none. */
export const noise: Arbitrary<WireBytes> = fc
  .oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text)),
    fc
      .constantFrom(
        '\r\n',
        '\r\n\r\n',
        'GET',
        'GET / HTTP/1.1',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'HELO x\r\n',
        '\u0016\u0003\u0001',
      )
      .map((text) => Buffer.from(text)),
  )
  .map((bytes) => ({ bytes, sent: undefined }))

function write(request: FuzzRequest, ruin: Ruin): Buffer {
  const body = Buffer.from(request.body ?? '')
  const target = wireTarget(request.target)
  const headers = Object.entries({ host: 'x', ...request.headers }).map(([name, value]) => `${name}: ${value.trim()}`)
  const plain = [`${request.method} ${target} HTTP/1.1`, ...headers, `content-length: ${body.length}`]
  const lines = RUINED[ruin]?.(request, target, headers, body) ?? plain
  const whole = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bodyFor(ruin, body)])
  if (ruin === 'cut') return whole.subarray(0, whole.length >> 1)
  return ruin === 'bare line feeds' ? Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : whole
}

/** No client can put these into a request line: there they would end it. */
function wireTarget(target: string): string {
  return target.replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character.toWellFormed()))
}

type Write = (request: FuzzRequest, target: string, headers: readonly string[], body: Buffer) => readonly string[]

const withHeaders = (...more: readonly string[]): Write => {
  return ({ method }, target, headers) => [`${method} ${target} HTTP/1.1`, ...headers, ...more]
}

const withLine = (line: (method: string, target: string) => string): Write => {
  return ({ method }, target, headers, body) => [line(method, target), ...headers, `content-length: ${body.length}`]
}

const RUINED: { readonly [R in Ruin]?: Write } = {
  chunked: withHeaders('transfer-encoding: chunked'),
  'bad chunks': withHeaders('transfer-encoding: chunked'),
  'too short a length': (request, target, headers, body) =>
    withHeaders(`content-length: ${body.length >> 1}`)(request, target, headers, body),
  'too long a length': (request, target, headers, body) =>
    withHeaders(`content-length: ${body.length + 50}`)(request, target, headers, body),
  'two lengths': withHeaders('content-length: 3', 'content-length: 4'),
  'no length': withHeaders(),
  'bad length': withHeaders('content-length: 0x10'),
  'header flood': withHeaders(...Array.from({ length: 3000 }, (_, i) => `x-${i}: y`)),
  'long header': withHeaders(`x: ${'y'.repeat(20_000)}`),
  'folded header': withHeaders('x: a', ' b', 'content-length: 0'),
  'no colon': withHeaders('nonsense', 'content-length: 0'),
  'control characters': withHeaders('x: a\u0000\u0001\u007fb', 'content-length: 0'),
  'no host': ({ method }, target, _headers, body) => [`${method} ${target} HTTP/1.1`, `content-length: ${body.length}`],
  'old version': withLine((method, target) => `${method} ${target} HTTP/1.0`),
  'bad version': withLine((method, target) => `${method} ${target} HTTP/9.9`),
  'no version': withLine((method, target) => `${method} ${target}`),
  spaces: withLine((method, target) => `${method}  ${target} x HTTP/1.1`),
  absolute: withLine((method, target) => `${method} http://other.example${target} HTTP/1.1`),
  upgrade: withHeaders('connection: upgrade', 'upgrade: websocket', 'content-length: 0'),
  expect: withHeaders('expect: 100-continue', 'content-length: 0'),
}

function bodyFor(ruin: Ruin, body: Buffer): Buffer {
  if (ruin === 'bad chunks') return Buffer.from('5\r\nabc\r\nzz\r\n')
  if (ruin !== 'chunked') return body
  const chunk =
    body.length === 0
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
  return Buffer.concat([chunk, Buffer.from('0\r\n\r\n')])
}
