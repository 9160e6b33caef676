import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Frames, LONGEST_MESSAGE } from '../../src/syslog/frames.ts'
import { Pace } from '../../src/syslog/pace.ts'
import { parseSyslog } from '../../src/syslog/parse.ts'

const read = (text: string) => {
  const { severity, app, text: said } = parseSyslog(Buffer.from(text))
  return [severity, app, said]
}

for (const [what, message, expected] of [
  [
    'iPXE without a name',
    '<29>ipxe: Asking http://10.0.0.1:5000 what to do ...',
    [5, 'ipxe', 'Asking http://10.0.0.1:5000 what to do ...'],
  ],
  ['iPXE with a name', '<29>esx1.lab ipxe: hello: there', [5, 'ipxe', 'hello: there']],
  [
    'ESXi',
    '<166>2026-11-21T10:31:07.110Z esx1.lab Hostd[2098]: info hostd[1] [Originator] Ready',
    [6, 'Hostd', 'info hostd[1] [Originator] Ready'],
  ],
  [
    'ESXi without a process',
    '<181>2026-11-21T10:31:07Z esx1 vmkernel: cpu0:2097152)Boot: 1',
    [5, 'vmkernel', 'cpu0:2097152)Boot: 1'],
  ],
  ['RFC 3164', "<34>Oct 11 22:14:15 mymachine su: 'su root' failed", [2, 'su', "'su root' failed"]],
  ['RFC 3164 without a host', '<13>Nov  1 10:00:00 root: hi', [5, 'root', 'hi']],
  ['RFC 3164 without a program', '<13>Nov  1 10:00:00 mymachine just a text', [5, undefined, 'just a text']],
  [
    'RFC 5424',
    '<165>1 2003-10-11T22:14:15.003Z host evntslog 12 ID47 [a@1 b="x\\]\\"y"][c d="e"] An event',
    [5, 'evntslog', 'An event'],
  ],
  ['RFC 5424 with nothing', '<165>1 - - - - - -', [5, undefined, '']],
  ['RFC 5424 with a byte order mark', '<165>1 - - app - - - \uFEFFtext', [5, 'app', 'text']],
  ['no priority', 'just a text', [undefined, undefined, 'just a text']],
  ['a priority that is none', '<999>text', [undefined, undefined, '<999>text']],
  [
    'control characters',
    '<13>root: a\u001b[31mred\u0007\tb\u202ec\r\n\0',
    [5, 'root', 'a\\u001b[31mred\\u0007 b\\u202ec'],
  ],
  ['nothing', '', [undefined, undefined, '']],
] as const) {
  test(`a message of syslog: ${what}`, () => assert.deepEqual(read(message), expected))
}

test('a message that is too long is cut, and says so', () => {
  const { text } = parseSyslog(Buffer.from(`<13>root: ${'😀'.repeat(2000)}`))
  assert.equal(text.length, 1001)
  assert.ok(text.endsWith('😀…'))
})

test('whatever bytes come, they are read as one printable line', () => {
  const head = fc.constantFrom(
    '',
    '<13>',
    '<165>1 ',
    '<1>Nov 21 10:00:00 ',
    '<34>1 - - - - - [',
    '<6>2026-11-21T10:00:00Z ',
  )
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 400 }), (start, bytes) => {
      const { severity = 0, app = 'x', text } = parseSyslog(Buffer.concat([Buffer.from(start), bytes]))
      assert.ok(severity >= 0 && severity < 8)
      assert.doesNotMatch(`${app}${text}`, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/)
      assert.ok(app.length <= 48 + 60 && text.length <= 1001)
    }),
    { numRuns: 500 },
  )
})

test('what is made to be read slowly is read at once', () => {
  for (const part of ['[a="\\"', '[a b="c"', '\\', 'a: ', '1 ', 'Nov 21 10:00:00 ']) {
    parseSyslog(Buffer.from(`<13>1 - - - - - ${part.repeat(1300)}`))
    parseSyslog(Buffer.from(`<13>${part.repeat(1300)}`))
  }
})

/** Feeds bytes in pieces of these sizes. */
function cut(bytes: Buffer, sizes: readonly number[]): string[] {
  const frames = new Frames()
  const messages: Buffer[] = []
  let at = 0
  for (let n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1
    messages.push(...frames.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...messages, ...frames.end()].map(String)
}

test('messages are told apart by their lengths, by lines and by zeros, however they arrive', () => {
  const stream = '9 <13>a: b\n<13>c: d\n10 <13>e:\nf g\n\n<13>h: i\0<13>j: k'
  const expected = ['<13>a: b\n'.trimEnd(), '<13>c: d', '<13>e:\nf g', '<13>h: i', '<13>j: k']
  const bytes = Buffer.from(stream.replace('9 <13>a: b\n', '8 <13>a: b'))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }), (sizes) => {
      assert.deepEqual(cut(bytes, sizes), expected)
    }),
    { numRuns: 100 },
  )
})

test('of a message without an end no more is kept than a message may have', () => {
  const frames = new Frames()
  for (let n = 0; n < 100; n += 1) assert.deepEqual(frames.push(Buffer.alloc(50_000, 'x')), [])
  const [message] = frames.push(Buffer.from('\n'))
  assert.equal(message?.length, LONGEST_MESSAGE)
  const counted = new Frames()
  const [cutOff, next] = counted.push(Buffer.from(`20000 ${'y'.repeat(20_000)}5 <1>z\n`))
  assert.equal(cutOff?.length, LONGEST_MESSAGE)
  assert.equal(String(next), '<1>z\n')
  assert.deepEqual(cut(Buffer.from('123456789 x'), [3]), ['123456789 x'])
})

test('a sender has its pace, and others have theirs', () => {
  let now = 0
  const pace = new Pace(() => now)
  const sent = (sender: string, count: number) =>
    Array.from({ length: count }, () => pace.admits(sender)).filter(Boolean).length
  assert.equal(sent('a', 3000), 1000)
  assert.equal(sent('b', 10), 10)
  now += 1000
  assert.equal(sent('a', 3000), 100)
  now += 3_600_000
  assert.equal(sent('a', 3000), 1000)
  for (let n = 0; n < 10_000; n += 1) assert.ok(pace.admits(`sender ${n}`))
})
