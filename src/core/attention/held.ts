import { decide, HELD } from '../decide.ts'
import type { Host } from '../host.ts'
import { type Attention, act, isNewest, type Seen, sentence } from './known.ts'

/** Why it would not get its image just now. */
export function holdOf(seen: Seen): Attention | undefined {
  const { host, sign, findImage, problems } = seen
  const decision = findImage === undefined ? undefined : decide(host, findImage)
  if (decision?.kind === 'hold') {
    if (host.protected)
      return act('protected', `it is protected: edit-host -i ${host.id} --unprotect lets it have its plan`)
    return act('image', `${decision.reason}: ${mendImage(host)}`)
  }
  if (problems !== undefined && problems.length > 0) {
    return refused(`${host.plan.images[0]} cannot be installed: ${problems.join('; ')}`)
  }
  if (sign === undefined || !isNewest(seen, 'held')) return undefined
  const reason = sign.text.slice(HELD.length)
  if (/^image .* (?:is not on the server|cannot be used)/.test(reason)) {
    // What is there now says more than what was there when it asked.
    return decision === undefined ? act('image', `${reason}: ${mendImage(host)}`) : undefined
  }
  return refused(reason)
}

/** What is wrong with it, whoever says so. */
function refused(reason: string): Attention {
  const isOtherMachine = /\bhas no loader for\b/.test(reason)
  const todo = isOtherMachine ? 'assign an image that was made for it' : 'it goes on by itself when that is mended'
  return act(isOtherMachine ? 'architecture' : 'held', `${sentence(reason)}: ${todo}`)
}

function mendImage(host: Host): string {
  return `metalspray import puts it there again; or edit-host -i ${host.id} -s OTHER`
}

/** A script or a file of the boot cannot be made. */
export function templateError({ host, sign }: Seen): Attention {
  return act('template', `${sentence(sign?.text ?? '')}: mend the template; host ${host.id} asks again by itself`)
}
