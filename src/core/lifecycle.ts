import { ProvisionError } from './errors.ts'
import { type Host, type HostState, nameOf } from './host.ts'

/** What can move a host from one state to another. */
export const HOST_MOVES = [
  'assign', // an operator gives it a plan
  'reset', // an operator makes it new: it waits
  'settle', // an operator calls it finished: it starts from its disk
  'retry', // an operator lets a failed host have its plan again
  'boot', // it asked /bootstrap and its image is there
  'advance', // a callback; more images wait
  'complete', // a callback; that was the last image
  'fail', // a callback says that the image could not be applied
  'expire', // no boot came in time
] as const

export type HostMove = (typeof HOST_MOVES)[number]

/** `end`: the state that the plan names; `rest`: the state before the plan was given. */
type Target = HostState | 'end' | 'rest'

/** A missing cell is a refusal. The test writes this table a second time. */
const NEXT: { readonly [S in HostState]: { readonly [M in HostMove]?: Target } } = {
  new: { assign: 'assigned', reset: 'new', settle: 'finished', boot: 'new' },
  assigned: { assign: 'assigned', reset: 'new', settle: 'finished', boot: 'installing', expire: 'rest' },
  installing: {
    assign: 'assigned',
    reset: 'new',
    settle: 'finished',
    boot: 'installing',
    advance: 'assigned',
    complete: 'end',
    fail: 'failed',
  },
  finished: { assign: 'assigned', reset: 'new', settle: 'finished', boot: 'finished' },
  failed: { assign: 'assigned', reset: 'new', settle: 'finished', boot: 'failed', retry: 'assigned' },
}

/**
 * The state that a move leads to.
 * @throws {ProvisionError} conflict, when a host in this state cannot make the move
 */
export function nextState(host: Host, move: HostMove): HostState {
  const target = NEXT[host.state][move]
  if (target === undefined) throw new ProvisionError('conflict', `${nameOf(host)} is ${host.state}; it cannot ${move}`)
  if (target === 'end') return host.plan.end
  return target === 'rest' ? host.rest : target
}
