import type { FastifyRequest } from 'fastify'
import { bootUrls } from '../../core/boot-urls.ts'
import { describeDecision } from '../../core/decide.ts'
import { greet, leaveBoot, type Sighting } from '../../core/greet.ts'
import { nameOf } from '../../core/host.ts'
import { parsePlan } from '../../core/plan.ts'
import { TemplateError } from '../../render/template-error.ts'
import type { Met } from '../../store/store.ts'
import { type Place, placeOf } from './base-url.ts'
import { hashOf, newBootid } from './bootid.ts'
import type { BootDoor, OpenDoor } from './door.ts'
import { decided } from './gates.ts'
import { noteTemplateError } from './template-fault.ts'

const DISCOVER = parsePlan('discover,new')

/** Meets a machine, opens a boot for it and answers with the script of what it does next. */
export async function welcome(door: OpenDoor, request: FastifyRequest, sighting: Sighting): Promise<string> {
  const bootid = newBootid()
  const boot = { hash: hashOf(bootid), address: sighting.address, at: sighting.at }
  const policy = { firstPlan: door.discover ? DISCOVER : undefined, findImage: await door.findImages() }
  const place = placeOf(request, door.baseUrl)
  const urls = bootUrls(place.base, 0, bootid)
  const asking = { urls, mac: sighting.identity.macs[0], since: sighting.at, begins: true }
  const met = await decided(door, asking, (gate) =>
    door.store.greet(sighting.identity, boot, (sharing) => greet(sighting, sharing, { ...policy, gate })),
  )
  if (met.kind === 'conflict') {
    request.log.warn({ hosts: met.hosts.map(({ id }) => id), ip: request.ip }, met.why)
    return door.templates.conflict({ base: place.base, hosts: met.hosts, why: met.why })
  }
  request.log.info(
    { host: met.host.id, boot: met.boot.number, ip: request.ip },
    `${nameOf(met.host)} ${describeDecision(met.decision)}`,
  )
  return renderDecision(door, request, place, { ...met, bootid })
}

type Welcomed = Extract<Met, { kind: 'met' }> & { readonly bootid: string }

/** A template that cannot be rendered is told to the machine, to the host's events and to the log. */
async function renderDecision(door: BootDoor, request: FastifyRequest, place: Place, met: Welcomed): Promise<string> {
  const { host, decision } = met
  const urls = bootUrls(place.base, host.id, met.bootid)
  try {
    const load = decision.kind === 'install' ? door.kindOf(decision.image).boot(decision.image, urls) : undefined
    return door.templates.bootScript({ host, decision, urls, server: place, bootid: met.bootid, load })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    await noteTemplateError(door, request, met, error)
    await door.store.changeHost(host.id, door.now(), (now) => ({ host: leaveBoot(now, met), events: [] }))
    return door.templates.templateError({ base: place.base, reason: error.message })
  }
}
