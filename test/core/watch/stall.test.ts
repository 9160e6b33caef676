import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { INSTALL_STAGES, type InstallProgress, startInstall } from '../../../src/core/install-progress.ts'
import { judgeInstall } from '../../../src/core/watch/judge.ts'
import { WATCH_STAGES } from '../../../src/core/watch/stages.ts'
import {
  describeStall,
  isOverdue,
  type Position,
  positionOf,
  QUIET,
  scriptPosition,
} from '../../../src/core/watch/stall.ts'
import type { Watched } from '../../../src/core/watch/verdict.ts'

const MIN = 60_000
const at = fc.integer({ min: 0, max: 10_000 * MIN })
const positions: fc.Arbitrary<Position> = fc.record({
  stage: fc.constantFrom(...WATCH_STAGES),
  progress: fc.constant(undefined),
  since: at,
  heardAt: at,
})

const progressed = (more: Partial<InstallProgress>): InstallProgress => ({ ...startInstall(0), ...more })
const watched = (position: Position, stalledAt?: number): Watched => ({
  ...{ hostId: 1, boot: 7, image: 'esxi8', settings: undefined },
  ...{ position, stalledAt },
})

describe('an install is overdue', () => {
  test('never before its deadline, nor while its machine is heard, nor soon after nobody listened', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 500 * MIN }), at, at, (position, deadline, now, listening) => {
        if (!isOverdue(position, { [position.stage]: deadline }, { now, listening })) return
        assert.ok(now - position.since > deadline)
        assert.ok(now - position.heardAt > Math.min(deadline, QUIET))
        assert.ok(now - listening > Math.min(deadline, QUIET))
      }),
    )
  })

  test('at last, whatever its deadline', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 500 * MIN }), at, (position, deadline, listening) => {
        const now = Math.max(position.since, position.heardAt, listening) + deadline + QUIET + 1
        assert.ok(isOverdue(position, { [position.stage]: deadline }, { now, listening }))
      }),
    )
  })

  test('never in a stage that has no deadline', () => {
    fc.assert(
      fc.property(positions, at, (position, now) => {
        for (const deadlines of [{}, { [position.stage]: 0 }]) {
          assert.ok(!isOverdue(position, deadlines, { now, listening: 0 }))
        }
      }),
    )
  })

  test('not while a long stage goes on', () => {
    const position = positionOf(progressed({ stage: 'modules', since: 0, heardAt: 59 * MIN }))
    const ask = (minutes: number) => isOverdue(position, { modules: 20 * MIN }, { now: minutes * MIN, listening: 0 })
    assert.deepEqual([60, 62, 63].map(ask), [false, false, true])
  })
})

describe('what is said of an install that stopped', () => {
  const modules = { files: 110, bytes: 1e9 }
  const rows: readonly (readonly [Position, RegExp])[] = [
    [scriptPosition(0), /^it got its boot script 14 min ago and has fetched nothing: .* look at its console$/],
    [positionOf(progressed({ last: 'initrd' })), /^it has been silent for 14 min after initrd: /],
    [positionOf(progressed({ stage: 'loader', last: 'mboot.efi' })), /^stopped after mboot\.efi, 14 min ago: /],
    [positionOf(progressed({ stage: 'kernel', last: 'k.b00' })), /^stopped after k\.b00 of its kernel, 14 min ago: /],
    [
      positionOf(progressed({ stage: 'modules', last: 's.v00', done: { files: 57, bytes: 5 }, total: modules })),
      /^stopped after module s\.v00 \(57 of 110\), 14 min ago: its loader gives up at the first error; /,
    ],
    [
      positionOf(
        progressed({
          ...({ stage: 'modules', last: 's.v00', done: { files: 57, bytes: 5 }, total: modules } as const),
          file: { name: 'v.v00', bytes: 37, size: 100 },
        }),
      ),
      /^stopped in module v\.v00, at 37 % \(57 of 110\), 14 min ago: /,
    ],
    [
      positionOf(progressed({ stage: 'modules', last: 'z.v00', done: modules, total: modules })),
      /^it has all 110 modules and has not asked for its kickstart for 14 min: .*no network card that it knows/,
    ],
    [positionOf(progressed({ stage: 'kickstart' })), /refused a line of it, or waits at a question/],
    [positionOf(progressed({ stage: 'pre' })), /found no disk that it takes/],
    [positionOf(progressed({ stage: 'post' })), /last scripts/],
    [positionOf(progressed({ stage: 'finished' })), /does not start from its disk/],
  ]
  for (const [position, text] of rows) {
    test(`${position.stage}: ${text.source}`, () => assert.match(describeStall(position, 14 * MIN), text))
  }

  test('is a line for every stage that there is', () => {
    for (const stage of INSTALL_STAGES) {
      assert.match(describeStall(positionOf(progressed({ stage })), 300 * MIN), /^[^\n]*5 h[^\n]*$/)
    }
  })
})

describe('an install is judged', () => {
  const deadlines = { script: 5 * MIN, modules: 20 * MIN, finished: 10 * MIN }
  const judge = (one: Watched, now: number, listening = 0) => judgeInstall(one, deadlines, { now, listening })
  const inModules = positionOf(progressed({ stage: 'modules' }))

  test('stalled, once', () => {
    assert.equal(judge(watched(inModules), 20 * MIN), undefined)
    assert.equal(judge(watched(inModules), 20 * MIN + 1)?.kind, 'stalled')
    assert.equal(judge(watched(inModules, 20 * MIN + 1), 900 * MIN), undefined)
  })

  test('not by what nobody could hear', () => {
    assert.equal(judge(watched(inModules), 900 * MIN, 881 * MIN), undefined)
    assert.equal(judge(watched(inModules), 900 * MIN, 879 * MIN)?.kind, 'stalled')
  })

  test('going on when its machine asked again', () => {
    const again = judge(watched(scriptPosition(30 * MIN), 16 * MIN), 31 * MIN)
    assert.deepEqual([again?.kind, again?.kind === 'resumed' && again.text], ['resumed', 'it asked again after 14 min'])
  })

  test('left alone at its first start when it is not known whether it will tell, and a day after', () => {
    const starting = watched(positionOf(progressed({ stage: 'finished' })))
    assert.equal(judgeInstall(starting, {}, { now: MIN, listening: 0 })?.kind, 'left')
    assert.equal(judge(starting, MIN), undefined)
    assert.equal(judge(starting, 11 * MIN)?.kind, 'stalled')
    assert.equal(judge(starting, 25 * 60 * MIN)?.kind, 'left')
  })
})
