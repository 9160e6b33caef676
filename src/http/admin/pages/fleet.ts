import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { attentionOfHosts } from '../../../commands/attention.ts'
import { type PageRequest, pageHosts } from '../../../commands/page-hosts.ts'
import { urgentHosts } from '../../../commands/urgent-hosts.ts'
import { HOST_STATES, type HostState } from '../../../core/host.ts'
import { count } from '../../../core/words.ts'
import type { ImageSnapshot } from '../../../images/library.ts'
import { readCursor, writeCursor } from '../api/cursor.ts'
import { imagesNow, type PagesDoor } from './door.ts'
import { hostLine } from './fleet-view.ts'
import { may, sendPage } from './frame.ts'

const LIMIT = 100
/** The hosts that stand until a person does something are at the top of the page; more than these nobody reads there. */
const MOST_URGENT = 12

const Text = Type.String({ default: '', maxLength: 200 })
const Query = Type.Object({
  q: Text,
  state: Type.Enum(['', 'attention', ...HOST_STATES], { default: '' }),
  image: Text,
  order: Type.Enum(['id', 'name'], { default: 'id' }),
  from: Text,
  done: Text,
})

type FleetQuery = Static<typeof Query>

/** The page of all hosts. */
export const fleetPage: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  app.get('/', { schema: { querystring: Query } }, async (request, reply) =>
    sendPage(reply, door.pages, 'fleet', await readFleet(door, request, request.query)),
  )
}

async function readFleet(door: PagesDoor, request: FastifyRequest, query: FleetQuery) {
  const images = await imagesNow(door)
  const { lines: urgent, isAll } = await readUrgent(door, images)
  const page = query.state === 'attention' ? { lines: urgent, next: undefined } : await readPage(door, images, query)
  const counts = await door.workshop.store.countHosts()
  const total = Object.values(counts).reduce((sum, number) => sum + number, 0)
  const shown = query.state === 'attention' ? [] : urgent.slice(0, MOST_URGENT)
  return {
    query,
    total,
    lines: page.lines,
    here: addressOf(query),
    limit: LIMIT,
    first: query.from === '' ? '' : addressOf({ ...query, from: '' }),
    next: page.next === undefined ? '' : addressOf({ ...query, from: writeCursor(page.next) ?? '' }),
    shown: `${count(page.lines.length, 'host')} shown`,
    urgent: shown,
    urgentHead: headOf(urgent.length, shown.length, isAll),
    counts: countsOf(counts, { number: urgent.length, isAll }, query),
    columns: columnsOf(query),
    images: namesOf(images),
    mayEdit: may(request, 'operator'),
    ...door.flash.take(query.done),
  }
}

function namesOf({ list }: ImageSnapshot): readonly string[] {
  return list.flatMap(({ name, image }) => (image === undefined ? [] : [name]))
}

/** @param isAll whether there are no more than these, as far as was looked */
export function headOf(number: number, shown: number, isAll: boolean): string {
  const least = isAll ? '' : 'At least '
  const all = `${least}${count(number, 'host')} ${number === 1 ? 'stands' : 'stand'} until a person does something`
  return number > shown ? `${all}; the first ${shown}:` : `${all}:`
}

/** The hosts for which a person has to do something. */
async function readUrgent({ workshop, now }: PagesDoor, images: ImageSnapshot) {
  const { hosts, isAll } = await urgentHosts(workshop.store, images, now)
  const lines = hosts.map(({ host, install, attention }) => hostLine(host, { install, attention, now: now() }))
  return { lines, isAll }
}

async function readPage(door: PagesDoor, images: ImageSnapshot, { q, state, image, order, from }: FleetQuery) {
  const filter = {
    ...(q.trim() === '' ? {} : { text: q }),
    ...(state === '' || state === 'attention' ? {} : { state }),
    ...(image === '' ? {} : { image }),
  }
  return readLines(door, images, { filter, order, after: readCursor(from === '' ? undefined : from), limit: LIMIT })
}

async function readLines(door: PagesDoor, images: ImageSnapshot, asked: Omit<PageRequest, 'isDescending'>) {
  const {
    now,
    workshop: { store },
  } = door
  const { hosts, installs, next } = await pageHosts(store, { ...asked, isDescending: false }, now())
  const attention = await attentionOfHosts({ store, findImage: images.find, now }, hosts, installs)
  const lines = hosts.flatMap((host) => {
    const why = attention.get(host.id)
    return why === undefined ? [] : [hostLine(host, { install: installs.get(host.id), attention: why, now: now() })]
  })
  return { lines, next }
}

/** The address of a list; what is as usual is not in it. */
function addressOf(query: Partial<FleetQuery>): string {
  const { done: _done, ...kept } = query
  const words = new URLSearchParams(
    Object.entries(kept).filter(([key, value]) => value !== '' && !(key === 'order' && value === 'id')),
  )
  return words.size === 0 ? '/' : `/?${words}`
}

function countsOf(
  counts: Readonly<Record<HostState, number>>,
  urgent: { readonly number: number; readonly isAll: boolean },
  query: FleetQuery,
) {
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0)
  const entry = (state: FleetQuery['state'], name: string, number: number) => ({
    name,
    number: String(number),
    level: state === 'attention' && number > 0 ? 'act' : '',
    isHere: query.state === state,
    href: addressOf({ ...query, state, from: '' }),
  })
  const attention = entry('attention', 'need a person', urgent.number)
  return [
    entry('', 'all', all),
    { ...attention, number: urgent.isAll ? attention.number : `${attention.number}+` },
    ...HOST_STATES.map((state) => entry(state, state, counts[state])),
  ]
}

function columnsOf(query: FleetQuery) {
  const plain = (name: string) => ({ name, href: '', sort: '' })
  const byName = query.order === 'name'
  return [
    {
      name: 'Host',
      href: addressOf({ ...query, order: byName ? 'id' : 'name', from: '' }),
      sort: byName ? 'ascending' : 'none',
    },
    plain('State'),
    plain('Plan'),
    plain('What it does'),
    plain('Heard'),
  ]
}
