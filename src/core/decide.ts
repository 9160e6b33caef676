import type { Host, LocalBoot } from './host.ts'
import type { FindImage, Image } from './image.ts'

/** What a machine does next, before anyone chooses the words of a script for it. */
export type Decision =
  /** Nothing is planned: it shows what is known and waits. */
  | { readonly kind: 'wait' }
  /** It starts from its disk. */
  | { readonly kind: 'local'; readonly by: LocalBoot }
  | { readonly kind: 'install'; readonly image: Image }
  /** Others install before it: it has this place among those that wait. */
  | { readonly kind: 'queue'; readonly image: Image; readonly place: number; readonly waiting: number }
  /** It has no business with an installer until a person has looked at it; the reason goes to its console. */
  | { readonly kind: 'hold'; readonly reason: string }

/** What keeps an image from a host just now, although its plan says so: `undefined` for nothing. */
export type Gate = (host: Host, image: Image) => Decision | undefined

/** Decides for a host as it stands, changing nothing: what `/bootstrap` answers. */
export function decide(host: Host, findImage: FindImage, gate?: Gate): Decision {
  switch (host.state) {
    case 'new':
      return { kind: 'wait' }
    case 'finished':
      return { kind: 'local', by: host.localBoot }
    case 'failed':
      return { kind: 'hold', reason: host.reason ?? 'an image could not be applied' }
    case 'assigned':
    case 'installing':
      return decidePlan(host, findImage, gate)
  }
}

function decidePlan(host: Host, findImage: FindImage, gate: Gate | undefined): Decision {
  if (host.protected) return { kind: 'hold', reason: 'this host is protected; nothing is installed on it' }
  const name = host.plan.images[0]
  const image = name === undefined ? undefined : findImage(name)
  if (image === undefined) return { kind: 'hold', reason: whyNot(name, findImage) }
  return gate?.(host, image) ?? { kind: 'install', image }
}

function whyNot(name: string | undefined, findImage: FindImage): string {
  const problem = name === undefined ? undefined : findImage.problem?.(name)
  if (problem !== undefined) return `image ${name} cannot be used: ${problem}`
  return `image ${name ?? '?'} is not on the server`
}

/** How the description of a {@link Decision} begins that keeps a machine waiting. */
export const HELD = 'is held: '
export const QUEUED = 'waits for its turn to install '

/** A decision in a few words, for events and logs. */
export function describeDecision(decision: Decision): string {
  switch (decision.kind) {
    case 'wait':
      return 'waits for a plan'
    case 'local':
      return 'starts from its disk'
    case 'install':
      return `installs ${decision.image.name}`
    case 'queue':
      return QUEUED + decision.image.name
    case 'hold':
      return HELD + decision.reason
  }
}
