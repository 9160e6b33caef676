import type { Database } from 'better-sqlite3'
import type { HostId, HostState } from '../core/host.ts'
import type { SignKind } from '../core/sign.ts'
import { readSearch } from './host-words.ts'

export const HOST_ORDERS = ['id', 'name'] as const

/** What a list of hosts is in order of; hosts without a name are behind those that have one. */
export type HostOrder = (typeof HOST_ORDERS)[number]

/** Which hosts a list is of. */
export interface HostFilter {
  readonly state?: HostState
  /** An image that they have in their plans, or that was installed last. */
  readonly image?: string
  /** A part of a name, MAC address, serial, UUID or address; or an id. */
  readonly text?: string
  readonly protected?: boolean
  /** Those alone for which a person may have to do something, given the images that there are. */
  readonly suspect?: { readonly images: readonly string[] }
  /** Leaves out most of those that nobody has to look at, or to act for: at rest, without a sign of anything since. */
  readonly notable?: 'look' | 'act'
}

/** Where a page of a list ended: the next one starts behind this host, whatever came or went meanwhile. */
export interface HostPlace {
  readonly id: HostId
  readonly name: string | undefined
}

export interface HostPage {
  readonly filter: HostFilter
  readonly order: HostOrder
  readonly isDescending: boolean
  readonly after: HostPlace | undefined
  readonly limit: number
  /** When it is asked, in ms since 1970: a plan that is void by then is none. */
  readonly at: number
}

type Values = { readonly [name: string]: string | number }

/** No host name has this character, and all are before it. */
const NO_NAME = '~'
/** As the index has it. */
const NAME = `ifnull(hosts.hostname, '${NO_NAME}')`
const IS_VOID = `hosts.state = 'assigned' AND hosts.expires_at <= @at`

/** Finds the ids of the hosts on one page of a list. */
export function openHostPages(db: Database) {
  return {
    ids(page: HostPage): HostId[] {
      const { sql, values } = pageQuery(page)
      return db.prepare<[Values], number>(sql).pluck().all(values)
    },
  }
}

/** The statement that finds a page: it reads as many rows as the page has, or as fit the filter, whichever is fewer. */
export function pageQuery(page: HostPage): { readonly sql: string; readonly values: Values } {
  const { filter, order, isDescending, at } = page
  const values: Record<string, string | number> = { limit: page.limit, at }
  const conditions = [...behind(page, values), ...filtering(filter, values)]
  const keys = order === 'id' ? ['id'] : ['name', 'id']
  const columns = order === 'id' ? 'hosts.id AS id' : `hosts.id AS id, ${NAME} AS name`
  const selects = stateBranches(filter.state, values).map((branch) => {
    const all = [...branch, ...conditions]
    return `SELECT ${columns} FROM hosts ${all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`}`
  })
  const direction = isDescending ? 'DESC' : 'ASC'
  const sorted = `${selects.join(' UNION ALL ')} ORDER BY ${keys.map((key) => `${key} ${direction}`).join(', ')} LIMIT @limit`
  return { sql: order === 'id' ? sorted : `SELECT id FROM (${sorted})`, values }
}

function behind({ after, order, isDescending }: HostPage, values: Record<string, string | number>): string[] {
  if (after === undefined) return []
  const sign = isDescending ? '<' : '>'
  values['id'] = after.id
  if (order === 'id') return [`hosts.id ${sign} @id`]
  values['name'] = after.name ?? NO_NAME
  return [`(${NAME}, hosts.id) ${sign} (@name, @id)`]
}

function filtering(filter: HostFilter, values: Record<string, string | number>): string[] {
  const conditions: string[] = []
  if (filter.protected !== undefined) conditions.push(`hosts.protected = ${filter.protected ? 1 : 0}`)
  if (filter.notable !== undefined) conditions.push(NOTABLE[filter.notable])
  if (filter.image !== undefined) {
    conditions.push(WITH_IMAGE)
    values['image'] = filter.image
  }
  if (filter.text !== undefined) conditions.push(findText(filter.text, values))
  if (filter.suspect !== undefined) {
    conditions.push(SUSPECT)
    values['images'] = JSON.stringify(filter.suspect.images)
  }
  return conditions
}

/** A new host waits for a person, and nothing goes wrong meanwhile. */
const NOTABLE = {
  look: `(hosts.state <> 'finished' OR hosts.id IN (SELECT host_id FROM signs))`,
  act: `(hosts.state NOT IN ('finished', 'new') OR hosts.id IN (SELECT host_id FROM signs))`,
} as const

const WITH_IMAGE = `hosts.id IN (
  SELECT host_id FROM plan_images WHERE image = @image
    AND host_id NOT IN (SELECT id FROM hosts WHERE state = 'assigned' AND expires_at <= @at)
  UNION ALL SELECT host_id FROM installs WHERE image = @image)`

/** Those that go on by themselves have these signs, or none. */
const HARMLESS: readonly SignKind[] = ['assigned', 'queued']

/** A few of all hosts, by their indexes; which of them really need somebody is told by what is known of each. */
const SUSPECT = `hosts.id IN (
  SELECT host_id FROM signs WHERE kind NOT IN (${HARMLESS.map((kind) => `'${kind}'`).join(', ')})
  UNION SELECT id FROM hosts WHERE state = 'failed'
  UNION SELECT id FROM hosts WHERE protected = 1 AND state = 'assigned'
  UNION SELECT host_id FROM installs WHERE stalled_at IS NOT NULL
  UNION SELECT host_id FROM plan_images WHERE image NOT IN (SELECT value FROM json_each(@images)))`

/** A host whose plan is void is in the state before it, and not yet written so. Each branch is in the order of an index. */
function stateBranches(state: HostState | undefined, values: Record<string, string | number>): string[][] {
  if (state === undefined) return [[]]
  values['state'] = state
  const isKept = state === 'assigned' ? ['(hosts.expires_at IS NULL OR hosts.expires_at > @at)'] : []
  const kept = ['hosts.state = @state', ...isKept]
  const canBeRest = state !== 'assigned' && state !== 'installing'
  return canBeRest ? [kept, [IS_VOID, 'hosts.rest = @state']] : [kept]
}

function findText(text: string, values: Record<string, string | number>): string {
  const search = readSearch(text)
  const id = /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : undefined
  if (id !== undefined) values['wanted'] = id
  const byId = id === undefined ? '' : ' UNION ALL SELECT @wanted'
  if ('match' in search) {
    values['match'] = search.match
    return `hosts.id IN (SELECT rowid FROM host_words WHERE host_words MATCH @match${byId})`
  }
  values['piece'] = search.piece
  return `hosts.id IN (SELECT rowid FROM host_words WHERE instr(words, @piece) > 0${byId})`
}
