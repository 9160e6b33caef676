import { decide, HELD } from '../decide.ts'
import type { Host } from '../host.ts'
import { type Attention, act, isNewest, type Said, type Seen, sentence } from './known.ts'

/** Why it would not get its image just now. */
export function holdOf(seen: Seen): Attention | undefined {
  const { host, sign, findImage, problems } = seen
  const decision = findImage === undefined ? undefined : decide(host, findImage)
  if (decision?.kind === 'hold') {
    if (host.protected) return act('protected', protection(host))
    return act('image', brokenImage(decision.reason, host))
  }
  if (problems !== undefined && problems.length > 0) {
    return refused(`${host.plan.images[0]} cannot be installed: ${problems.join('; ')}`)
  }
  if (sign === undefined || !isNewest(seen, 'held')) return undefined
  const reason = sign.text.slice(HELD.length)
  if (/^image .* (?:is not on the server|cannot be used)/.test(reason)) {
    // What is there now says more than what was there when it asked.
    return decision === undefined ? act('image', brokenImage(reason, host)) : undefined
  }
  return refused(reason)
}

function protection({ id }: Host): Said {
  return {
    wrong: 'it is protected',
    shell: `edit-host -i ${id} --unprotect lets it have its plan`,
    page: 'Unprotect it, if it may be installed.',
  }
}

/** What is wrong with it, whoever says so. */
function refused(reason: string): Attention {
  const isOtherMachine = /\bhas no loader for\b/.test(reason)
  return act(isOtherMachine ? 'architecture' : 'held', {
    wrong: sentence(reason),
    shell: isOtherMachine ? 'assign an image that was made for it' : 'it goes on by itself when that is mended',
    page: isOtherMachine
      ? 'Assign an image that was made for this kind of machine.'
      : 'Mend that in its metadata or its image; it goes on by itself then.',
  })
}

function brokenImage(wrong: string, { id }: Host): Said {
  return {
    wrong,
    shell: `metalspray import puts it there again; or edit-host -i ${id} -s OTHER`,
    page: 'Import that image again on the page Images, or assign another one; the machine goes on by itself then.',
  }
}

/** A script or a file of the boot cannot be made. */
export function templateError({ host, sign }: Seen): Attention {
  return act('template', {
    wrong: sentence(sign?.text ?? ''),
    shell: `mend the template; host ${host.id} asks again by itself`,
    page: 'Mend that template on the server; the machine asks again by itself.',
  })
}
