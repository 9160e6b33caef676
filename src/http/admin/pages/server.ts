import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Host, nameOf } from '../../../core/host.ts'
import { rateOf } from '../../../core/install-progress.ts'
import { agoText, count, sizeText, spanText } from '../../../core/words.ts'
import type { Lease } from '../../../dnsmasq/leases.ts'
import type { PagesDoor } from './door.ts'
import { may, sendPage } from './frame.ts'

/** Who fetched something within this time, in ms, is fetching. */
const FETCHING_MS = 5000
const MOST_LEASES = 500

/** The page of the server itself. */
export const serverPages: FastifyPluginAsyncTypebox<PagesDoor> = async (app, door) => {
  app.get('/server', async (request, reply) =>
    sendPage(reply, door.pages, 'server', {
      version: door.version,
      troubles: door.troubles(),
      facts: await factsOf(door),
      dhcp: await dhcpView(door),
      mayAsk: may(request, 'operator'),
    }),
  )

  app.get('/server/doctor', { config: { role: 'operator' } }, async (_request, reply) => {
    const findings = await door.doctor()
    const isWell = findings.every(({ level }) => level === 'ok' || level === 'note')
    return sendPage(reply, door.pages, 'doctor', {
      isWell,
      well: count(findings.filter(({ level }) => level === 'ok').length, 'check'),
      findings: findings
        .filter(({ level }) => level !== 'ok')
        .map(({ mend = '', ...finding }) => ({ ...finding, mend })),
    })
  })
}

async function factsOf({ workshop, folders, cache, maxInstalls, now }: PagesDoor) {
  const fetching = await workshop.store.listHeard(now() - FETCHING_MS)
  const rate = fetching.reduce((sum, { progress }) => sum + (rateOf(progress) ?? 0), 0)
  const kept = cache?.state
  return [
    ['Machines that fetch now', fetching.length === 0 ? 'none' : `${fetching.length}, at ${sizeText(rate)}/s together`],
    ['Installs at once', maxInstalls === undefined ? 'as many as come' : `at most ${maxInstalls}`],
    [
      'Files in memory',
      kept === undefined
        ? 'none are kept'
        : `${count(kept.files, 'file')}, ${sizeText(kept.bytes)} of at most ${sizeText(kept.limit)}`,
    ],
    ['Images', folders.images],
    ['Data', folders.data],
  ] as const
}

async function dhcpView({ dhcp, workshop, now }: PagesDoor) {
  if (dhcp === undefined) return undefined
  const leases = (await dhcp.leases()).filter(({ until }) => until === undefined || until > now())
  const shown = leases.slice(0, MOST_LEASES)
  const hosts = await Promise.all(shown.map(({ mac }) => workshop.store.findHosts(mac)))
  return {
    where: `${dhcp.interface}${dhcp.isProxy ? ', beside another DHCP server, which gives the addresses' : ''}`,
    isProxy: dhcp.isProxy,
    number: count(leases.length, 'lease'),
    leases: shown.map((lease, index) => leaseView(lease, hosts[index]?.[0], now())),
  }
}

function leaseView({ mac, address, name, until }: Lease, host: Host | undefined, now: number) {
  return {
    ...{ mac, address, name: name ?? '' },
    until: until === undefined ? 'never over' : `${spanText(until - now)} left`,
    host: host === undefined ? '' : nameOf(host),
    hostId: host?.id ?? 0,
    seen: host === undefined ? '' : agoText(host.seenAt, now),
  }
}
