import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../src/core/errors.ts'
import { readHostname } from '../../src/core/host.ts'
import { describeIdentity, parseMac, quoted, readMac, readSerial, readUuid } from '../../src/core/identity.ts'
import { readImageName } from '../../src/core/plan.ts'
import { identityOf, macOf } from '../support/hosts.ts'
import { runs } from '../support/runs.ts'

const UUID = '4c4c4544-0051-3510-8052-b4c04f4a3132'

describe('a serial number', () => {
  const placeholders = [
    ...[
      '',
      ' ',
      '0',
      '00000000',
      '0000000000000000',
      '.',
      '-',
      '..............',
      '--------',
      '***',
      '????????',
      '/',
      '_',
    ],
    ...['None', 'NONE', 'N/A', 'n/a', 'NA', 'N.A.', 'null', 'Unknown', 'Default', 'Default string', 'default  string'],
    ...['Not Specified', 'not specified ', 'NotSpecified', 'Not-Specified', 'Not Available', 'Not Applicable'],
    ...['Not Present', 'Not Settable', 'Not Defined', 'Unspecified', 'empty', 'Invalid', 'TBD'],
    ...['To be filled by O.E.M.', 'To Be Filled By O.E.M', 'To be filled by OEM', 'TO BE FILLED BY O.E.M. '],
    ...['O.E.M.', 'OEM', 'OEM Default', 'System Serial Number', 'SystemSerialNumber', 'System SerialNumber'],
    ...['Chassis Serial Number', 'Base Board Serial Number', 'Serial Number', 'Serial', 'S/N', 'SN'],
    ...['FFFFFFFF', 'ffffffffffff', 'XXXXXXXX', 'xxxxxxxxxxxx', '1111111111', 'AAAAAAAA'],
    ...['12345678', '123456789', '1234567890', '0123456789', '0123456789ABCDEF', '123456789ABCDEF'],
    ...['System Product Name', 'Type2 - Board Serial Number', 'Type1 - System Serial Number', 'Test'],
  ]
  for (const text of placeholders) {
    test(`${JSON.stringify(text)} is a placeholder`, () => assert.equal(readSerial(text), undefined))
  }

  const real: readonly (readonly [string, string])[] = [
    ['CZ1234567X', 'CZ1234567X'],
    ['5q5rb42', '5Q5RB42'],
    [' VMware-56 4d  1a ', 'VMWARE-56 4D 1A'],
    ['S001', 'S001'],
    ['1', '1'],
    ['1234', '1234'],
    ['.../7MJD3Y2/CNWS3', '.../7MJD3Y2/CNWS3'],
    ['a', 'A'],
    ['OEM-7731', 'OEM-7731'],
    ['SN100', 'SN100'],
    ['TEST-RIG-4', 'TEST-RIG-4'],
    ['FF00', 'FF00'],
    ['0000000A', '0000000A'],
    ['ÄÖ-1', 'ÄÖ-1'],
  ]
  for (const [text, serial] of real) {
    test(`${JSON.stringify(text)} is one`, () => assert.equal(readSerial(text), serial))
  }

  test('absent is absent', () => assert.equal(readSerial(undefined), undefined))

  for (const text of ['a\nb', 'a\u0000b', 'a\u001b[2Jb', 'a\u007fb', 'a\u0085b', 'a\u2028b', 'a\u202eb']) {
    test(`${JSON.stringify(text)} is refused for what would play tricks on a console`, () => {
      assert.throws(() => readSerial(text), { kind: 'invalid', message: 'the serial number holds control characters' })
    })
  }

  test('longer than any maker writes is refused', () => {
    assert.equal(readSerial('A'.repeat(5) + 'B'.repeat(123))?.length, 128)
    assert.throws(() => readSerial(`${'A1'.repeat(64)}B`), { kind: 'invalid' })
  })

  test('grows no longer by being written in upper case', () => {
    assert.throws(() => readSerial('aΐ'.repeat(64)), { kind: 'invalid' })
  })
})

describe('a UUID', () => {
  const placeholders = [
    '',
    ' ',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    'fefefefe-fefe-fefe-fefe-fefefefefefe',
    '03000200-0400-0500-0006-000700080009',
    '00020003-0004-0005-0006-000700080009',
    '12345678-1234-5678-90AB-CDDEEFAABBCC',
    '78563412-3412-7856-90AB-CDDEEFAABBCC',
    '4C4C4544-0000-2010-8020-80C04F202020',
  ]
  for (const text of placeholders) {
    test(`${JSON.stringify(text)} is a placeholder`, () => assert.equal(readUuid(text), undefined))
  }
  test('absent is absent', () => assert.equal(readUuid(undefined), undefined))
  test('is kept in lower case', () => assert.equal(readUuid(` ${UUID.toUpperCase()} `), UUID))
  for (const text of [
    'x',
    '0',
    UUID.replaceAll('-', ''),
    `${UUID}0`,
    UUID.slice(1),
    `${UUID}\n${UUID}`,
    UUID.replace('4', 'g'),
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => readUuid(text), { kind: 'invalid' }))
  }
})

describe('a MAC address', () => {
  const spellings = [
    '02:00:00:00:00:0a',
    '02-00-00-00-00-0A',
    '0200.0000.000a',
    '02000000000A',
    '01-02-00-00-00-00-0a',
    ' 02:00:00:00:00:0a\n',
  ]
  for (const text of spellings) {
    test(`${JSON.stringify(text)} is read`, () => assert.equal(parseMac(text), '02:00:00:00:00:0a'))
  }
  const wrong = [
    '',
    'x',
    '02:00:00:00:00',
    '02:00:00:00:00:0g',
    '02:00-00:00:00:0a',
    '020000.00000a',
    '0200:0000:000a',
    '02:00:00:00:00:0a:',
  ]
  for (const text of [
    ...wrong,
    '01:02:00:00:00:00:0a',
    '02 00 00 00 00 0a',
    '2:0:0:0:0:a',
    '02:00:00:00:00:0a,02:00:00:00:00:0b',
  ]) {
    test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => parseMac(text), { kind: 'invalid' }))
  }

  const nothing = ['', ' ', '00:00:00:00:00:00', 'ff-ff-ff-ff-ff-ff', '01:00:5e:00:00:01', '33-33-00-00-00-01']
  for (const text of [...nothing, '80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:0e:8a:01']) {
    test(`firmware that tells ${JSON.stringify(text)} tells of no card`, () => assert.equal(readMac(text), undefined))
  }
  // What Linux tells of tunnels (sit0, ip6tnl0) among its cards: an IP address in place of a MAC.
  for (const text of ['00:00:00:00', '0a:4d:00:01', `${'00:'.repeat(15)}00`]) {
    test(`a tunnel that tells ${JSON.stringify(text)} is no card`, () => assert.equal(readMac(text), undefined))
  }
  test('a card that is not there is absent', () => assert.equal(readMac(undefined), undefined))
  test('what cannot be read is refused, not ignored', () =>
    assert.throws(() => readMac('02:00:00'), { kind: 'invalid' }))

  test('has one form, however it was written', () => {
    const bytes = fc.uint8Array({ minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(bytes, fc.boolean(), (octets, upper) => {
        const pairs = [...octets].map((octet) => octet.toString(16).padStart(2, '0'))
        const plain = pairs.join(':')
        const dotted = [0, 2, 4].map((at) => pairs.slice(at, at + 2).join('')).join('.')
        for (const text of [plain, pairs.join('-'), pairs.join(''), dotted, `01-${pairs.join('-')}`]) {
          assert.equal(parseMac(upper ? text.toUpperCase() : text), plain)
        }
      }),
    )
  })
})

describe('any text at all', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary-ascii' }),
    fc.constantFrom(...'0f.:-x\n'),
  )
  const readers = { parseMac, readMac, readSerial, readUuid, readHostname, readImageName }
  for (const [name, read] of Object.entries(readers)) {
    test(`makes ${name} answer or refuse, and what it answered reads the same again`, () => {
      fc.assert(
        fc.property(text, (given) => {
          let value: string | undefined
          try {
            value = read(given)
          } catch (error) {
            assert.ok(error instanceof ProvisionError)
            assert.equal(error.kind, 'invalid')
            assert.match(error.message, /^[\u0020-\u007e]*$/)
            return
          }
          if (value !== undefined) assert.equal(read(value), value)
        }),
        { numRuns: runs(500) },
      )
    })
  }

  test('is repeated in a refusal short, on one line and printable', () => {
    fc.assert(
      fc.property(text, (given) => {
        assert.match(quoted(given), /^"[\u0020-\u007e]{0,130}"$/)
      }),
    )
  })
})

test('an identity is told in one line', () => {
  const full = identityOf({ macs: [macOf(1), macOf(2)], serial: 'S1', uuid: UUID })
  assert.equal(describeIdentity(full), `serial S1, uuid ${UUID}, mac ${macOf(1)} ${macOf(2)}`)
  assert.equal(describeIdentity(identityOf()), 'no identity')
})
