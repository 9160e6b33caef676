import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type Arrival,
  arrive,
  describeProgress,
  enterStage,
  INSTALL_STAGES,
  type InstallStage,
  percentOf,
  shortProgress,
  startInstall,
} from '../../src/core/install-progress.ts'

const MB = 1_000_000
const MODULES = { files: 110, bytes: 612 * MB }

function file(bytes: number, stage?: InstallStage, total?: Arrival['total']): Arrival {
  return { bytes, isFile: true, stage, total }
}

describe('the progress of an install', () => {
  test('is told by what there is in its stage', () => {
    let progress = arrive(startInstall(0), file(0, 'loader'), 1000).progress
    const before = { ...startInstall(1000), stage: 'modules' as const, done: { files: 48, bytes: 0 } }
    progress = arrive({ ...before, total: MODULES }, file(280 * MB, 'modules', MODULES), 7222).progress
    assert.equal(describeProgress(progress), 'modules 45 % (49 of 110 files, 280 of 612 MB, 45 MB/s)')
    assert.equal(shortProgress(progress), 'modules 45 %')
  })

  test('tells how far a file is that takes long, and is not whole before that has arrived', () => {
    const way = { name: 'system.raw', bytes: 259 * MB, size: 700 * MB }
    assert.equal(describeProgress({ ...startInstall(0), file: way }), 'system.raw 37 % (259 of 700 MB)')
    const before = { ...startInstall(0), stage: 'modules' as const, total: { files: 2, bytes: 710 * MB } }
    const progress = { ...before, done: { files: 1, bytes: 10 * MB }, heardAt: 10_000, file: way }
    assert.equal(
      describeProgress(progress),
      'modules 37 % (1 of 2 files, 10 of 710 MB, 27 MB/s), system.raw 37 % (259 of 700 MB)',
    )
    const almost = { ...progress, file: { ...way, bytes: 700 * MB } }
    assert.deepEqual([percentOf(almost), shortProgress(almost)], [99, 'modules 99 %'])
  })

  test('without known stages is what has come so far', () => {
    const { progress } = arrive(startInstall(0), file(1_500), 1000)
    assert.equal(describeProgress(progress), '(1 file, 1.5 kB, 1.5 kB/s)')
    assert.deepEqual([shortProgress(progress), percentOf(progress)], ['', undefined])
  })

  test('tells of a stage once, when its last file is there', () => {
    const two = { files: 2, bytes: 30 }
    const first = arrive(startInstall(0), file(10, 'modules', two), 1000)
    assert.deepEqual(first.ended, [])
    const second = arrive(first.progress, file(20, 'modules', two), 15_000)
    assert.deepEqual(second.ended, ['modules: 2 files, 30 B in 14 s'])
    assert.deepEqual(enterStage(second.progress, 'kickstart', 20_000).ended, [])
  })

  test('tells of a stage that was left before it was whole, and what it lacked', () => {
    const two = { files: 2, bytes: 30 }
    const { progress } = arrive(startInstall(0), file(10, 'modules', two), 1000)
    assert.deepEqual(enterStage(progress, 'kickstart', 2500).ended, ['modules: 1 of 2 files, 10 B in 1.5 s'])
  })

  test('of a stage without a total is told when the next one begins', () => {
    const { progress } = arrive(startInstall(0), file(2 * MB, 'loader'), 500)
    assert.deepEqual(arrive(progress, file(5, 'kernel', { files: 1, bytes: 5 }), 2000).ended, [
      'loader: 1 file, 2.0 MB in 1.5 s',
      'kernel: 1 file, 5 B in 0.0 s',
    ])
  })

  test('never goes back, never goes beyond 100 percent, and never tells of a stage twice', () => {
    const total = { files: 3, bytes: 300 }
    const step = fc.record({
      bytes: fc.nat(400),
      isFile: fc.boolean(),
      stage: fc.option(fc.constantFrom(...INSTALL_STAGES), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean())), (steps) => {
        let progress = startInstall(0)
        const told: string[] = []
        steps.forEach(([{ bytes, isFile, stage }, enters], at) => {
          const next = enters
            ? enterStage(progress, stage, at)
            : arrive(progress, { bytes, isFile, stage, total: stage === 'modules' ? total : undefined }, at)
          const order = (one?: InstallStage) => (one === undefined ? -1 : INSTALL_STAGES.indexOf(one))
          assert.ok(order(next.progress.stage) >= order(progress.stage))
          assert.ok((percentOf(next.progress) ?? 0) <= 100)
          told.push(...next.ended.map((text) => text.split(':')[0] ?? ''))
          progress = next.progress
        })
        assert.deepEqual([...new Set(told)], told)
      }),
    )
  })
})
