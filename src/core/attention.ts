import { holdOf, templateError } from './attention/held.ts'
import { whileInstalling } from './attention/installing.ts'
import { type Attention, act, isNewest, type KnownHost, look, none, type Seen, sentence } from './attention/known.ts'
import { expire } from './greet.ts'
import type { Host } from './host.ts'
import type { Sign } from './sign.ts'
import { spanText } from './words.ts'

export type { Attention, AttentionCase, AttentionLevel, KnownHost, Stall } from './attention/known.ts'
export { ATTENTION_CASES, ATTENTION_LEVELS } from './attention/known.ts'

/** A host that was given a plan and does not come for so long is off, or gets no answer by DHCP, in ms. */
export const NO_ANSWER_MS = 15 * 60_000

/** Says whether a person has to look at a host, how urgent that is, and why. @param now in ms since 1970 */
export function attentionOf(known: KnownHost, now: number): Attention {
  const { host, events } = expire({ host: known.host, events: [] }, now)
  const [voided] = events
  const sign: Sign | undefined =
    voided === undefined ? known.sign : { kind: 'expired', text: voided.text, at: now, boot: undefined }
  const seen: Seen = { ...known, host, sign, now }
  // A boot that was let in after it is a machine that can be told again.
  if (isNewest(seen, 'conflict')) return act('conflict', conflictText(seen))
  switch (host.state) {
    case 'new':
      return asNew(seen)
    case 'finished':
      return whenFinished(seen)
    case 'assigned':
      return beforeInstall(seen)
    case 'installing':
      return whileInstalling(seen)
    case 'failed':
      return afterFailure(seen)
  }
}

function conflictText({ host, sign }: Seen): string {
  return `${sentence(sign?.text ?? 'a machine fits several hosts')}: if they are one machine, edit-host -i ${host.id} --merge OTHER; if not, take the shared identifier away with --forget-mac, --forget-serial or --forget-uuid`
}

function asNew({ host, sign }: Seen): Attention {
  const give = `edit-host -i ${host.id} -s IMAGE`
  if (sign?.kind === 'expired')
    return look('expired', `${sentence(sign.text)}, so it waits: give it its plan again (${give})`)
  if (host.protected) {
    return look('protected', `it is protected: it waits and takes no image until edit-host -i ${host.id} --unprotect`)
  }
  if (host.seenAt === undefined) {
    return look('no-answer', `it was entered by hand and has never asked this server${NO_ANSWER}`)
  }
  return isUntouched(host)
    ? look('unknown', `nobody has said yet what this machine is for, so it waits: give it an image (${give})`)
    : look('unassigned', `no image is assigned to it, so it waits: ${give}`)
}

function whenFinished({ host, sign, install }: Seen): Attention {
  if (sign?.kind === 'expired') {
    const again = `give it its plan again (edit-host -i ${host.id} -s IMAGE)`
    return look('expired', `${sentence(sign.text)}, so it starts from its disk: ${again}`)
  }
  if (install?.stalled !== undefined) return look('stalled', install.stalled.why)
  if (!host.protected) return none('finished', 'it is finished and starts from its disk')
  const until = `edit-host -i ${host.id} --unprotect`
  return none('protected', `it is protected: it starts from its disk and takes no image until ${until}`)
}

/** Nobody but the machine itself has said anything of it. */
function isUntouched({ hostname, revision, metadata }: Host): boolean {
  return hostname === undefined && revision === 0 && Object.keys(metadata).length === 0
}

const NO_ANSWER =
  ': power it on and let it start from the network; if it does, it gets no answer by DHCP (metalspray doctor)'

function beforeInstall(seen: Seen): Attention {
  const { host, sign, now } = seen
  const held = holdOf(seen)
  if (held !== undefined) return held
  if (isNewest(seen, 'queued')) {
    return none(
      'queued',
      `it waits for its turn to install ${host.plan.images[0]}: as many hosts install as may at once`,
    )
  }
  if (isNewest(seen, 'template-error')) return templateError(seen)
  const since = sign?.kind === 'assigned' ? sign.at : host.createdAt
  const image = host.plan.images[0]
  if (now - since < NO_ANSWER_MS || (host.seenAt ?? 0) > since) {
    return none('waiting', `it gets ${image} when it next starts from the network`)
  }
  const minutes = spanText(now - since)
  return look('no-answer', `${image} has been waiting for it for ${minutes} and it has not asked${NO_ANSWER}`)
}

function afterFailure(seen: Seen): Attention {
  const { host, sign } = seen
  const reason = sentence(host.reason ?? 'an image could not be applied')
  const next =
    host.plan.images.length === 0
      ? `edit-host -i ${host.id} -s IMAGE gives it a new plan`
      : `mend that, then edit-host -i ${host.id} --retry`
  if (sign?.kind === 'looping') return act('looping', `${sentence(sign.text)}: ${next}`)
  return act(sign?.kind === 'expired' ? 'expired' : 'failed', `${reason}: ${next}`)
}
