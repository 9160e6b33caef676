import type { HostEdits } from '../../../commands/edit-host.ts'
import { readWait } from '../../../commands/read-wait.ts'
import { ProvisionError } from '../../../core/errors.ts'
import { type Host, type HostState, nameOf } from '../../../core/host.ts'
import { formatPlan, parsePlan } from '../../../core/plan.ts'
import { count } from '../../../core/words.ts'

export const ACTIONS = ['assign', 'retry', 'protect', 'unprotect', 'finished', 'new'] as const

/** What a person may ask of many hosts at once. */
export type Action = (typeof ACTIONS)[number]

export interface ActionForm {
  readonly action: Action
  /** Images to be installed, as `edit-host -s` takes them. */
  readonly plan: string
  /** How long the plan waits; empty for ever. */
  readonly expires: string
}

/** Hosts to which the same happens. */
export interface WordedPart {
  readonly level: 'good' | 'look' | 'act'
  readonly text: string
  readonly hosts: readonly Host[]
}

/** An action in plain words, for people who are about to do it. */
export interface Wording {
  readonly title: string
  readonly button: string
  readonly parts: readonly WordedPart[]
  /** Hosts that are left as they are, and why. */
  readonly skipped: readonly string[]
}

/** Reads what a form asks for. @throws {ProvisionError} invalid */
export function editsOf({ action, plan, expires }: ActionForm): HostEdits {
  switch (action) {
    case 'assign': {
      const read = plan.trim() === '' ? undefined : parsePlan(plan)
      if (read === undefined || read.images.length === 0) {
        throw new ProvisionError('invalid', 'say which image is to be installed')
      }
      return expires.trim() === '' ? { plan: read } : { plan: read, expiresIn: readWait(expires.trim()) }
    }
    case 'finished':
    case 'new':
      return { plan: parsePlan(action) }
    case 'retry':
      return { retry: true }
    case 'protect':
      return { protected: true }
    case 'unprotect':
      return { protected: false }
  }
}

/** Says what an action does to hosts as they are. */
export function wordAction(form: ActionForm, hosts: readonly Host[]): Wording {
  const skips = hosts.map((host) => [host, whyNot(form.action, host)] as const)
  const touched = skips.flatMap(([host, why]) => (why === undefined ? [host] : []))
  return {
    ...headOf(form, touched.length),
    parts: partsOf(form, touched),
    skipped: skips.flatMap(([host, why]) => (why === undefined ? [] : [`${nameOf(host)}: ${why}`])),
  }
}

function headOf({ action, plan }: ActionForm, number: number): Pick<Wording, 'title' | 'button'> {
  const hosts = count(number, 'host')
  switch (action) {
    case 'assign':
      return { title: `Install ${planText(plan)} on ${hosts}?`, button: `Install on ${hosts}` }
    case 'finished':
      return { title: `Let ${hosts} start from the disk?`, button: `Set ${hosts} to finished` }
    case 'new':
      return { title: `Take the plan from ${hosts}?`, button: `Set ${hosts} to new` }
    case 'retry':
      return { title: `Try again on ${hosts}?`, button: `Retry ${hosts}` }
    case 'protect':
      return { title: `Protect ${hosts}?`, button: `Protect ${hosts}` }
    case 'unprotect':
      return { title: `Take the protection from ${hosts}?`, button: `Unprotect ${hosts}` }
  }
}

function planText(plan: string): string {
  return parsePlan(plan).images.join(', then ')
}

/** Why an action leaves a host as it is; `undefined` when it does not. The command that follows has the last word. */
function whyNot(action: Action, host: Host): string | undefined {
  if (action === 'unprotect') return host.protected ? undefined : 'it is not protected'
  if (host.protected) return action === 'protect' ? 'it is protected already' : 'it is protected; unprotect it first'
  if (action === 'retry' && host.state !== 'failed') return `it is ${host.state}; only one that failed is tried again`
  if (action === 'protect' && (host.state === 'assigned' || host.state === 'installing')) {
    return `it is ${host.state}; set it to finished or new first`
  }
  return undefined
}

function partsOf(form: ActionForm, hosts: readonly Host[]): WordedPart[] {
  const all = (level: WordedPart['level'], text: string) => (hosts.length === 0 ? [] : [{ level, text, hosts }])
  switch (form.action) {
    case 'assign':
      return installParts(planText(form.plan), hosts)
    case 'retry':
      return retryParts(hosts)
    case 'finished':
      return all('look', 'Nothing is installed any more; from its next boot on each starts from its own disk.')
    case 'new':
      return all('look', 'Nothing is installed any more; from its next boot on each waits until it is given an image.')
    case 'protect':
      return all('good', 'No image is installed on them until somebody takes that back.')
    case 'unprotect':
      return all('look', 'Images can be installed on them again.')
  }
}

function retryParts(hosts: readonly Host[]): WordedPart[] {
  const plans = [...new Set(hosts.map(({ plan }) => formatPlan(plan)))]
  return plans.map((plan) => ({
    level: 'act',
    text: `${plan || 'Nothing'} is installed at their next boot; what is on their disks is overwritten.`,
    hosts: hosts.filter((host) => formatPlan(host.plan) === plan),
  }))
}

const STATE_WORDS: Readonly<Record<HostState, (plan: string) => Omit<WordedPart, 'hosts'>>> = {
  finished: (plan) => ({
    level: 'act',
    text: `Finished, and perhaps in use: their disks are overwritten with ${plan} at their next boot. What is on them is lost.`,
  }),
  installing: (plan) => ({
    level: 'act',
    text: `Just being installed: that install no longer counts, and ${plan} overwrites it at their next boot.`,
  }),
  failed: (plan) => ({ level: 'look', text: `Failed before: ${plan} overwrites their disks at their next boot.` }),
  assigned: (plan) => ({
    level: 'look',
    text: `Waiting for another image: they get ${plan} instead, which overwrites their disks.`,
  }),
  new: (plan) => ({ level: 'look', text: `New: ${plan} overwrites their disks at their next boot.` }),
}

/** The worst first. */
const ORDER: readonly HostState[] = ['finished', 'installing', 'failed', 'assigned', 'new']

function installParts(plan: string, hosts: readonly Host[]): WordedPart[] {
  return ORDER.flatMap((state) => {
    const some = hosts.filter((host) => host.state === state)
    return some.length === 0 ? [] : [{ ...STATE_WORDS[state](plan), hosts: some }]
  })
}

/** What a person types so that a finished host is installed again: its name, or of several their number. */
export function wordToType(hosts: readonly Host[], { plan }: HostEdits): string | undefined {
  const finished =
    plan === undefined || plan.images.length === 0 ? [] : hosts.filter(({ state }) => state === 'finished')
  const [only] = finished
  if (only === undefined) return undefined
  if (finished.length > 1) return `wipe ${finished.length} hosts`
  return only.hostname ?? only.macs[0] ?? only.serial ?? String(only.id)
}
