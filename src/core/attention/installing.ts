import { describeProgress, type InstallProgress } from '../install-progress.ts'
import { describeIpxeError } from '../ipxe-error.ts'
import { holdOf, templateError } from './held.ts'
import {
  type Attention,
  act,
  isNewest,
  isOpen,
  look,
  none,
  type Said,
  type Seen,
  type Stall,
  sentence,
} from './known.ts'

/** A host that has got its installer. */
export function whileInstalling(seen: Seen): Attention {
  const stalled = stallOf(seen)
  const fetch = notFetched(seen, stalled)
  // What this machine itself ran into says more than what the next one would.
  if (fetch?.level === 'act') return fetch
  return (
    holdOf(seen) ??
    fetch ??
    (isNewest(seen, 'template-error') ? templateError(seen) : undefined) ??
    stopped(seen, stalled) ??
    reported(seen) ??
    goingOn(seen)
  )
}

/** An install that has ended is the one before. */
function isOver({ stage }: InstallProgress): boolean {
  return stage === 'finished' || stage === 'configured'
}

/** That of the install which is meant, not of one before it. */
function stallOf({ host, install }: Seen): Stall | undefined {
  return install !== undefined && install.boot >= host.progress ? install.stalled : undefined
}

function notFetched(seen: Seen, stalled: Stall | undefined): Attention | undefined {
  const { host, sign } = seen
  if (sign === undefined || !isOpen(seen, 'fetch-failed')) return undefined
  const wrong = sentence(sign.text)
  const image = host.plan.images[0]
  if (!/connection was cut/.test(sign.text)) {
    return act('module', {
      wrong,
      shell: `metalspray images verify ${image}, mend or import it again, and restart the machine`,
      page: `Its installer stops there. Verify ${image} on the page Images, import it again, then restart the machine.`,
    })
  }
  // Loaders try again: only one that does not is worth more than a look.
  if (stalled !== undefined) return undefined
  const page = 'Look at its network if it does not go on by itself.'
  return look('fetch', { wrong, shell: 'look at its network if it does not go on', page })
}

function stopped({ install }: Seen, stalled: Stall | undefined): Attention | undefined {
  if (stalled === undefined) return undefined
  const isKickstart = install?.progress.stage === 'kickstart'
  const page = isKickstart
    ? 'Its console names the line: mend that in its metadata or its kickstart, then restart the machine.'
    : 'Mend what its console shows, then restart the machine: it is installed again from the beginning.'
  return act(isKickstart ? 'kickstart' : 'stalled', { wrong: stalled.why, shell: '', page })
}

function goingOn({ host, install }: Seen): Attention {
  const isBegun = install !== undefined && install.boot >= host.progress && !isOver(install.progress)
  const where = isBegun ? describeProgress(install.progress) : ''
  return none('installing', `it installs ${host.plan.images[0]}${where === '' ? '' : `: ${where}`}`)
}

/** What a boot script has to say of itself: the stage, and iPXE's number for what went wrong there. */
function reported(seen: Seen): Attention | undefined {
  const { host, sign } = seen
  if (sign === undefined || !isOpen(seen, 'report')) return undefined
  const { text } = sign
  const image = host.plan.images[0] ?? ''
  if (/^stage no-comboot\b/.test(text)) return act('architecture', NO_COMBOOT)
  if (/^stage no-loader\b/.test(text)) return act('architecture', NO_LOADER)
  const { words, isOtherMachine } = describeIpxeError(/errno (\w+)/.exec(text)?.[1] ?? '')
  if (isOtherMachine) return act('architecture', otherMachine(image, text))
  return look('report', {
    wrong: `its boot script failed and tries again: ${text}${words === '' ? '' : ` (${words})`}`,
    shell: '',
    page: 'Look at its console and its network if it does not go on by itself.',
  })
}

const OTHER_IMAGE = 'Assign an image that was made for this kind of machine.'

const NO_COMBOOT: Said = {
  wrong: 'its iPXE cannot start ESXi by BIOS, for which it needs COMBOOT',
  shell: 'start the machine by UEFI, or give it such an iPXE',
  page: 'Set the machine to UEFI in its firmware and restart it; or assign another image.',
}

const NO_LOADER: Said = {
  wrong: 'the image has no loader for this kind of machine',
  shell: 'assign an image that was made for it',
  page: OTHER_IMAGE,
}

function otherMachine(image: string, text: string): Said {
  return {
    wrong: `its iPXE cannot run what ${image} starts with (${text}): it is for another kind of machine`,
    shell: '',
    page: OTHER_IMAGE,
  }
}
