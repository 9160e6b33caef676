import { holdOf, templateError } from './attention/held.ts'
import { whileInstalling } from './attention/installing.ts'
import {
  type Attention,
  act,
  isNewest,
  type KnownHost,
  look,
  none,
  type Said,
  type Seen,
  sentence,
} from './attention/known.ts'
import { expire } from './greet.ts'
import type { Host } from './host.ts'
import type { Sign } from './sign.ts'
import { spanText } from './words.ts'

export type { Attention, AttentionCase, AttentionLevel, KnownHost, Stall } from './attention/known.ts'
export { ATTENTION_CASES, ATTENTION_LEVELS } from './attention/known.ts'

/** A host that was given a plan and does not come for so long is off, or gets no answer by DHCP, in ms. */
const NO_ANSWER_MS = 15 * 60_000

/** Says whether a person has to look at a host, how urgent that is, and why. @param now in ms since 1970 */
export function attentionOf(known: KnownHost, now: number): Attention {
  const { host, events } = expire({ host: known.host, events: [] }, now)
  const [voided] = events
  const sign: Sign | undefined =
    voided === undefined ? known.sign : { kind: 'expired', text: voided.text, at: now, boot: undefined }
  const seen: Seen = { ...known, host, sign, now }
  // A boot that was let in after it is a machine that can be told again.
  if (isNewest(seen, 'conflict')) return act('conflict', conflict(seen))
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

function conflict({ host, sign }: Seen): Said {
  return {
    wrong: sentence(sign?.text ?? 'a machine fits several hosts'),
    shell: `if they are one machine, edit-host -i ${host.id} --merge OTHER; if not, take the shared identifier away with --forget-mac, --forget-serial or --forget-uuid`,
    page: `If all of that is one machine, make one host of them on the page of the one that is to stay. If not, press “forget” beside the identifier that is not this host's.`,
  }
}

const ASSIGN = 'Assign an image to it.'

function asNew({ host, sign }: Seen): Attention {
  const shell = `edit-host -i ${host.id} -s IMAGE`
  // Whoever protected it must take that back before anything else.
  if (host.protected) {
    return look('protected', {
      wrong: 'it is protected',
      shell: `it waits and takes no image until edit-host -i ${host.id} --unprotect`,
      page: 'It waits and takes no image. Unprotect it, then assign one to it.',
    })
  }
  if (sign?.kind === 'expired') {
    const wrong = `${sentence(sign.text)}, so it waits`
    return look('expired', { wrong, shell: `give it its plan again (${shell})`, page: AGAIN })
  }
  if (host.seenAt === undefined) {
    return look('no-answer', { wrong: 'it was entered by hand and has never asked this server', ...NO_ANSWER })
  }
  return isUntouched(host)
    ? look('unknown', {
        wrong: 'nobody has said yet what this machine is for, so it waits',
        shell: `give it an image (${shell})`,
        page: ASSIGN,
      })
    : look('unassigned', { wrong: 'no image is assigned to it, so it waits', shell, page: ASSIGN })
}

const AGAIN = 'Assign its image again, with more time or without an end.'

function whenFinished({ host, sign, install }: Seen): Attention {
  if (sign?.kind === 'expired') {
    const shell = `give it its plan again (edit-host -i ${host.id} -s IMAGE)`
    return look('expired', { wrong: `${sentence(sign.text)}, so it starts from its disk`, shell, page: AGAIN })
  }
  if (install?.stalled !== undefined) {
    const page = 'Look at its console and its boot order.'
    return look('stalled', { wrong: install.stalled.why, shell: '', page })
  }
  if (!host.protected) return none('finished', 'it is finished and starts from its disk')
  return none('protected', 'it is protected: it starts from its disk and takes no image until it is unprotected')
}

/** Nobody but the machine itself has said anything of it. */
function isUntouched({ hostname, revision, metadata }: Host): boolean {
  return hostname === undefined && revision === 0 && Object.keys(metadata).length === 0
}

const NO_ANSWER: Omit<Said, 'wrong'> = {
  shell: 'power it on and let it start from the network; if it does, it gets no answer by DHCP (metalspray doctor)',
  page: 'Power it on and let it start from the network. If it does that already, it gets no answer by DHCP: let the doctor on the page Server look why (metalspray doctor).',
}

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
  const wrong = `${image} has been waiting for it for ${minutes} and it has not asked`
  return look('no-answer', { wrong, ...NO_ANSWER })
}

function afterFailure(seen: Seen): Attention {
  const { host, sign } = seen
  const reason = sentence(host.reason ?? 'an image could not be applied')
  const hasPlan = host.plan.images.length > 0
  const said = {
    shell: hasPlan
      ? `mend that, then edit-host -i ${host.id} --retry`
      : `edit-host -i ${host.id} -s IMAGE gives it a new plan`,
    page: hasPlan ? 'Mend that, then press “Retry”.' : ASSIGN,
  }
  if (sign?.kind === 'looping') return act('looping', { ...said, wrong: sentence(sign.text), page: LOOP })
  return act(sign?.kind === 'expired' ? 'expired' : 'failed', { ...said, wrong: reason })
}

const LOOP =
  'Something stops its installer every time: its console and “What happened” tell where. Mend that, then press “Retry”.'
