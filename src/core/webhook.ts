import { ProvisionError } from './errors.ts'
import type { EventType } from './event.ts'
import type { HostId } from './host.ts'
import { quoted } from './identity.ts'

/** Somebody who is told of what happens to hosts, by HTTP. Its secret is not part of it. Times are in ms since 1970. */
export interface Webhook {
  readonly id: number
  readonly name: string
  readonly url: string
  /** Of these types alone. */
  readonly events: readonly EventType[] | undefined
  /** Of these hosts alone; also such as are gone by now. */
  readonly hosts: readonly HostId[] | undefined
  readonly createdAt: number
  readonly createdBy: string | undefined
}

/** How it went with the deliveries of a webhook. Times are in ms since 1970. */
export interface WebhookState {
  /** So many events wait to be delivered. */
  readonly pending: number
  /** When the next of them is tried; `undefined` when nothing waits. It may be over: then it is tried at once. */
  readonly nextTryAt: number | undefined
  readonly deliveredAt: number | undefined
  readonly failed: { readonly at: number; readonly why: string } | undefined
  /** So many attempts have failed since the last that did not. */
  readonly failures: number
  /** So many events were given up, the last one then. */
  readonly givenUp: number
  readonly givenUpAt: number | undefined
  /** Since when its receiver wants no more: it answered 410. */
  readonly goneAt: number | undefined
}

/** What somebody is told who does not say of what: how an install ends, and what needs a person. */
export const USUAL_EVENTS: readonly EventType[] = ['finished', 'failed', 'stalled', 'looping', 'conflict']

const LONGEST_URL = 2000

/** A name that fits a log line, a URL and a shell. @throws {ProvisionError} invalid */
export function readWebhookName(text: string): string {
  if (/^[A-Za-z0-9][\w.@-]{0,63}$/.test(text)) return text
  const rule = 'letters, digits and . _ @ -, at most 64, a letter or digit first'
  throw new ProvisionError('invalid', `${quoted(text)} cannot name a webhook (${rule})`)
}

/** What a webhook is called when nobody says it: by the machine that is told. */
export function nameFromUrl(url: string): string {
  return new URL(url).hostname
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 64)
}

/** Where events may be sent. The refusal goes on a sentence that begins with the address. @throws {ProvisionError} invalid */
export function readWebhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw refused('is no http:// or https:// address')
  if (url.username !== '' || url.password !== '') {
    throw refused('has a user in it; the signature of a delivery tells who sends it')
  }
  if (url.hash !== '') throw refused('has a #, behind which nothing is sent')
  if (url.href.length > LONGEST_URL) throw refused(`is longer than ${LONGEST_URL} characters`)
  return url.href
}

function refused(rest: string): ProvisionError {
  return new ProvisionError('invalid', rest)
}

/** An event that is tried for so long, in ms, is given up. */
export const GIVE_UP_AFTER = 86_400_000
/** An event that has failed so often lets those behind it pass: it may be the one that the receiver cannot stand. */
export const BLOCKING_ATTEMPTS = 5

const FIRST_WAIT = 5000
/** The longest time between two attempts, in ms. */
export const LONGEST_WAIT = 3_600_000

/**
 * How long to wait after so many failures in a row, in ms: 5 s, twice as long each time, up to an hour, less a part of up to the half of
 * it, so that those who failed together do not come back together.
 * @param random from 0 to 1
 */
export function waitAfter(failures: number, random: number): number {
  const whole = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
  return Math.round(whole * (1 - random / 2))
}
