import type { Host } from '../host.ts'
import { describeProgress, type InstallProgress } from '../install-progress.ts'
import { describeIpxeError } from '../ipxe-error.ts'
import { holdOf, templateError } from './held.ts'
import { type Attention, act, isNewest, isOpen, look, none, type Seen, type Stall, sentence } from './known.ts'

/** A host that has got its installer. */
export function whileInstalling(seen: Seen): Attention {
  const stalled = stallOf(seen)
  return (
    holdOf(seen) ??
    notFetched(seen, stalled) ??
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
  if (!/connection was cut/.test(sign.text)) return act('module', `${sentence(sign.text)}: ${mend(host)}`)
  // Loaders try again: only one that does not is worth more than a look.
  return stalled === undefined
    ? look('fetch', `${sentence(sign.text)}: look at its network if it does not go on`)
    : undefined
}

function stopped({ install }: Seen, stalled: Stall | undefined): Attention | undefined {
  if (stalled === undefined) return undefined
  return act(install?.progress.stage === 'kickstart' ? 'kickstart' : 'stalled', stalled.why)
}

function goingOn({ host, install }: Seen): Attention {
  const isBegun = install !== undefined && install.boot >= host.progress && !isOver(install.progress)
  const where = isBegun ? describeProgress(install.progress) : ''
  return none('installing', `it installs ${host.plan.images[0]}${where === '' ? '' : `: ${where}`}`)
}

function mend(host: Host): string {
  return `metalspray images verify ${host.plan.images[0]}, mend or import it again, and restart the machine`
}

/** What a boot script has to say of itself: the stage, and iPXE's number for what went wrong there. */
function reported(seen: Seen): Attention | undefined {
  const { host, sign } = seen
  if (sign === undefined || !isOpen(seen, 'report')) return undefined
  const { text } = sign
  if (/^stage no-(?:loader|comboot)\b/.test(text)) return act('architecture', `${NO_LOADER[textStage(text)]}`)
  const { words, isOtherMachine } = describeIpxeError(/errno (\w+)/.exec(text)?.[1] ?? '')
  const image = host.plan.images[0]
  if (isOtherMachine) {
    return act(
      'architecture',
      `its iPXE cannot run what ${image} starts with (${text}): it is for another kind of machine`,
    )
  }
  return look('report', `its boot script failed and tries again: ${text}${words === '' ? '' : ` (${words})`}`)
}

const NO_LOADER = {
  'no-comboot':
    'its iPXE cannot start ESXi by BIOS, for which it needs COMBOOT: start the machine by UEFI, or give it such an iPXE',
  'no-loader': 'the image has no loader for this kind of machine: assign an image that was made for it',
} as const

function textStage(text: string): keyof typeof NO_LOADER {
  return text.startsWith('stage no-comboot') ? 'no-comboot' : 'no-loader'
}
