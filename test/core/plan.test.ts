import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ProvisionError } from '../../src/core/errors.ts'
import { formatPlan, type Plan, parsePlan, readImageName } from '../../src/core/plan.ts'

describe('a plan', () => {
  const plans: readonly (readonly [string, Plan])[] = [
    ['esxi8', { images: ['esxi8'], end: 'finished' }],
    ['wipe,esxi8', { images: ['wipe', 'esxi8'], end: 'finished' }],
    [' wipe , esxi8 ', { images: ['wipe', 'esxi8'], end: 'finished' }],
    ['esxi8,finished', { images: ['esxi8'], end: 'finished' }],
    ['discover,new', { images: ['discover'], end: 'new' }],
    ['new', { images: [], end: 'new' }],
    ['finished', { images: [], end: 'finished' }],
    ['a,a', { images: ['a', 'a'], end: 'finished' }],
  ]
  for (const [text, plan] of plans) {
    test(`is read from ${JSON.stringify(text)}`, () => assert.deepEqual(parsePlan(text), plan))
  }

  const wrong = [
    '',
    ' ',
    ',',
    'a,',
    ',a',
    'a,,b',
    'new,a',
    'finished,new',
    'new,new',
    'failed',
    'a,failed',
    'installing',
    'a b',
    '../a',
    'a/b',
  ]
  for (const text of wrong) {
    test(`is refused: ${JSON.stringify(text)}`, () => assert.throws(() => parsePlan(text), { kind: 'invalid' }))
  }

  test('has at most 32 images', () => {
    assert.equal(parsePlan(`${Array(32).fill('a').join(',')},new`).images.length, 32)
    assert.throws(() => parsePlan(Array(33).fill('a').join(',')), { kind: 'invalid' })
  })

  test('is printed so that it is read as the same plan', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,9}$/).filter((text) => {
      try {
        return readImageName(text) === text
      } catch {
        return false
      }
    })
    const end = fc.constantFrom('new' as const, 'finished' as const)
    const images = fc.array(name, { minLength: 1, maxLength: 32 })
    const plan = fc.record({ images, end }, { noNullPrototype: true })
    fc.assert(fc.property(plan, (given) => assert.deepEqual(parsePlan(formatPlan(given)), given)))
  })

  test('is printed as nothing when nothing is planned, whatever it ended in', () => {
    assert.equal(formatPlan({ images: [], end: 'new' }), '')
    assert.equal(formatPlan({ images: [], end: 'finished' }), '')
  })

  test('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z,. ]*$/)), (text) => {
        try {
          const plan = parsePlan(text)
          if (plan.images.length > 0) assert.deepEqual(parsePlan(formatPlan(plan)), plan)
        } catch (error) {
          assert.ok(error instanceof ProvisionError && error.kind === 'invalid')
        }
      }),
    )
  })
})

describe('a name of an image', () => {
  for (const name of ['a', 'ESXi-8.0U3', 'sles15-sp6.x86_64', 'g++', '0', 'a'.repeat(100)]) {
    test(`${name.slice(0, 20)} is one`, () => assert.equal(readImageName(name), name))
  }
  for (const name of [
    '',
    '.',
    '..',
    '.hidden',
    '-rf',
    '_x',
    'a/b',
    'a\\b',
    'a b',
    'a\n',
    'ä',
    'a%2e',
    'a'.repeat(101),
    'new',
    'assigned',
  ]) {
    test(`${JSON.stringify(name.slice(0, 20))} is none`, () =>
      assert.throws(() => readImageName(name), { kind: 'invalid' }))
  }
})
