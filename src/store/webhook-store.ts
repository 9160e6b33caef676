import type { Webhook, WebhookState } from '../core/webhook.ts'
import type { NamedEvent } from './event-log.ts'
import type { Lease } from './leases.ts'

/** A webhook that is about to be added, with what signs its deliveries. */
export interface NewWebhook extends Omit<Webhook, 'id'> {
  readonly secret: string
  readonly tag: string
}

/** What a delivery is made of, beside the event. */
export interface DeliveryTarget {
  readonly webhook: Webhook
  readonly secret: string
  readonly tag: string
  readonly failures: number
}

/** One event that is to be delivered now. */
export interface Delivery extends DeliveryTarget {
  readonly event: NamedEvent
  /** In ms since 1970. */
  readonly queuedAt: number
  /** So many times it was tried. */
  readonly attempts: number
}

/** An attempt that failed: when and why, and what comes of it. Times are in ms since 1970. */
export interface Failure {
  readonly at: number
  readonly why: string
  /** Until then nothing is sent to this receiver. */
  readonly holdUntil: number
  /** When this event is tried again once it lets others pass. */
  readonly nextAt: number
  /** What was queued then or before is given up. */
  readonly giveUpTo: number
  /** The receiver wants no more: all is given up. */
  readonly isGone: boolean
}

/**
 * Who is told of what happens, and the queue of what each is still to be told.
 * As in {@link Store}, every method may throw a ProvisionError of kind `unavailable`.
 */
export interface WebhookStore {
  /** Adds one that is told of all that happens from now on. @throws {ProvisionError} conflict, when the name is taken */
  add(webhook: NewWebhook): Promise<Webhook>
  /** Whether there is any. */
  isAny(): Promise<boolean>
  /** All of them, by name. */
  list(): Promise<readonly (Webhook & WebhookState)[]>
  /** @throws {ProvisionError} not-found */
  find(name: string): Promise<Webhook & WebhookState>
  /** What its deliveries are made of. @throws {ProvisionError} not-found */
  findTarget(name: string): Promise<DeliveryTarget>
  /** Has all that waits tried at once, as if nothing had failed. @throws {ProvisionError} not-found */
  resume(name: string): Promise<void>
  /** Takes one away, with all that waits for it. @throws {ProvisionError} not-found */
  remove(name: string): Promise<Webhook>

  /** Takes the work of delivering, unless another server has it. @returns whether this one has it now */
  take(lease: Lease, now: number): Promise<boolean>
  /** Leaves the work to the others at once. */
  release(holder: string): Promise<void>
  /** Queues what happened since it was called last, each event once for each who wants it. @returns whether anything is new in the queue */
  queue(now: number): Promise<boolean>
  /** What can be delivered now: at most one event of each webhook, the oldest. Who was served longest ago comes first. */
  due(now: number): Promise<readonly Delivery[]>
  /** Notes that an event has arrived. */
  delivered(delivery: Delivery, at: number): Promise<void>
  /** Notes that it has not. @returns how many events are given up */
  failed(delivery: Delivery, failure: Failure): Promise<number>
}
