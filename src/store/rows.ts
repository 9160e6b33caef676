import type { Boot } from '../core/boot.ts'
import type { EventType, HostEvent } from '../core/event.ts'
import type { Firmware, FirmwareBoot, Host, HostState, LocalBoot, RestState } from '../core/host.ts'
import type { Mac } from '../core/identity.ts'
import type { JsonObject } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { remembered } from '../core/remember.ts'
import type { Attempts } from '../core/watch/loops.ts'

/** A row of `hosts`; its MAC addresses come in one text, in order, with blanks between them. */
export interface HostRow {
  readonly id: number
  readonly hostname: string | null
  readonly serial: string | null
  readonly uuid: string | null
  readonly macs: string
  readonly state: string
  readonly plan: string
  readonly rest: string
  readonly revision: number
  readonly expires_at: number | null
  readonly protected: number
  readonly metadata: string
  readonly local_boot: string
  readonly firmware_boot: string
  readonly firmware: string | null
  readonly address: string | null
  readonly progress: number
  readonly attempts: string | null
  readonly reason: string | null
  readonly created_at: number
  readonly seen_at: number | null
}

export interface BootRow {
  readonly number: number
  readonly host_id: number
  readonly image: string | null
  readonly revision: number
  readonly address: string | null
  readonly opened_at: number
  readonly progressed_at: number | null
  readonly ended_at: number | null
  readonly outcome: 'finished' | 'failed' | null
}

export interface EventRow {
  readonly id: number
  readonly host_id: number
  readonly boot: number | null
  readonly at: number
  readonly type: string
  readonly text: string
  readonly by_whom: string | null
}

/** Parses JSON that many hosts have alike: plans and firmware. */
const parseShared = remembered((text): unknown => JSON.parse(text, (_key, value) => Object.freeze(value)))

function parseMetadata(text: string): JsonObject {
  return text === '{}' ? {} : (JSON.parse(text) as JsonObject)
}

/** The brands and unions below are safe: only {@link fromHost} wrote these columns, and the table checks the states. */
export function toHost(row: HostRow): Host {
  return {
    id: row.id,
    hostname: row.hostname ?? undefined,
    macs: row.macs === '' ? [] : (row.macs.split(' ') as Mac[]),
    serial: row.serial ?? undefined,
    uuid: row.uuid ?? undefined,
    state: row.state as HostState,
    plan: parseShared(row.plan) as Plan,
    rest: row.rest as RestState,
    revision: row.revision,
    expiresAt: row.expires_at ?? undefined,
    protected: row.protected === 1,
    metadata: parseMetadata(row.metadata),
    localBoot: row.local_boot as LocalBoot,
    firmwareBoot: row.firmware_boot as FirmwareBoot,
    firmware: row.firmware === null ? undefined : (parseShared(row.firmware) as Firmware),
    address: row.address ?? undefined,
    progress: row.progress,
    attempts: row.attempts === null ? undefined : (JSON.parse(row.attempts) as Attempts),
    reason: row.reason ?? undefined,
    createdAt: row.created_at,
    seenAt: row.seen_at ?? undefined,
  }
}

export function fromHost(host: Host): HostRow {
  return {
    id: host.id,
    hostname: host.hostname ?? null,
    serial: host.serial ?? null,
    uuid: host.uuid ?? null,
    macs: [...new Set(host.macs)].join(' '),
    state: host.state,
    plan: JSON.stringify(host.plan),
    rest: host.rest,
    revision: host.revision,
    expires_at: host.expiresAt ?? null,
    protected: host.protected ? 1 : 0,
    metadata: JSON.stringify(host.metadata),
    local_boot: host.localBoot,
    firmware_boot: host.firmwareBoot,
    firmware: host.firmware === undefined ? null : JSON.stringify(host.firmware),
    address: host.address ?? null,
    progress: host.progress,
    attempts: host.attempts === undefined ? null : JSON.stringify(host.attempts),
    reason: host.reason ?? null,
    created_at: host.createdAt,
    seen_at: host.seenAt ?? null,
  }
}

export function toBoot(row: BootRow): Boot {
  return {
    number: row.number,
    hostId: row.host_id,
    image: row.image ?? undefined,
    revision: row.revision,
    address: row.address ?? undefined,
    openedAt: row.opened_at,
    progressedAt: row.progressed_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    outcome: row.outcome ?? undefined,
  }
}

export function toEvent(row: EventRow): HostEvent {
  return {
    id: row.id,
    hostId: row.host_id,
    boot: row.boot ?? undefined,
    at: row.at,
    type: row.type as EventType,
    text: row.text,
    ...(row.by_whom === null ? {} : { by: row.by_whom }),
  }
}
