import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HOST_STATES, type HostState } from '../../src/core/host.ts'
import { HOST_MOVES, type HostMove, nextState } from '../../src/core/lifecycle.ts'
import { hostOf } from '../support/hosts.ts'

/**
 * The table of lifecycle.ts, written a second time from the requirement: who changes one must change the other knowingly.
 * Columns: new, assigned, installing, finished, failed. `-` is a refusal; `end` and `rest` are told by the host.
 */
const EXPECTED: { readonly [M in HostMove]: string } = {
  assign: '   assigned assigned   assigned   assigned assigned',
  reset: '    new      new        new        new      new',
  settle: '   finished finished   finished   finished finished',
  retry: '    -        -          -          -        assigned',
  boot: '     new      installing installing finished failed',
  advance: '  -        -          assigned   -        -',
  complete: ' -        -          end        -        -',
  fail: '     -        -          failed     -        -',
  expire: '   -        rest       -          -        -',
}

describe('every pair of a state and a move', () => {
  for (const move of HOST_MOVES) {
    const row = EXPECTED[move].trim().split(/ +/)
    HOST_STATES.forEach((state, column) => {
      const target = row[column] ?? '?'
      if (target === '-') refuses(state, move)
      else leads(state, move, target)
    })
  }
})

function refuses(state: HostState, move: HostMove): void {
  test(`a host that is ${state} cannot ${move}`, () => {
    assert.throws(() => nextState(hostOf({ state }), move), {
      name: 'ProvisionError',
      kind: 'conflict',
      message: `host 1 is ${state}; it cannot ${move}`,
    })
  })
}

function leads(state: HostState, move: HostMove, target: string): void {
  test(`a host that is ${state} and makes the move ${move} is ${target} then`, () => {
    if (target === 'end') {
      assert.equal(nextState(hostOf({ state, plan: { images: [], end: 'new' } }), move), 'new')
      assert.equal(nextState(hostOf({ state, plan: { images: [], end: 'finished' } }), move), 'finished')
    } else if (target === 'rest') {
      for (const rest of ['new', 'finished', 'failed'] as const) {
        assert.equal(nextState(hostOf({ state, rest }), move), rest)
      }
    } else assert.equal(nextState(hostOf({ state }), move), target)
  })
}

test('the second table has a cell for every pair', () => {
  for (const move of HOST_MOVES) assert.equal(EXPECTED[move].trim().split(/ +/).length, HOST_STATES.length, move)
})
