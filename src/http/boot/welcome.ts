import type { FastifyRequest } from 'fastify'
import { loadKernel } from '../../commands/load-kernel.ts'
import { bootUrls } from '../../core/boot-urls.ts'
import { describeDecision, type Gate } from '../../core/decide.ts'
import { greet, leaveBoot, type Policy, type Sighting } from '../../core/greet.ts'
import { type Host, nameOf } from '../../core/host.ts'
import type { Identity } from '../../core/identity.ts'
import { DISCOVER } from '../../core/plan.ts'
import { rescued, type Soon, soon } from '../../core/soon.ts'
import { TemplateError } from '../../render/template-error.ts'
import type { Met } from '../../store/store.ts'
import { type Place, placeOf } from './base-url.ts'
import { hashOf, newBootid } from './bootid.ts'
import type { BootDoor, OpenDoor } from './door.ts'
import { decided } from './gates.ts'
import { noteTemplateError } from './template-fault.ts'

/** Meets a machine that runs iPXE, opens a boot for it and answers with the script of what it does next. */
export function welcome(door: OpenDoor, request: FastifyRequest, sighting: Sighting): Soon<string> {
  const place = placeOf(request, door.baseUrl)
  const asker = { identity: sighting.identity, sightingFor: () => sighting }
  return soon(meet(door, request, place, asker), ({ bootid, met }) =>
    met.kind === 'conflict'
      ? door.templates.conflict({ base: place.base, hosts: met.hosts, why: met.why })
      : renderDecision(door, request, place, { ...met, bootid }),
  )
}

/** Who asks what to do next. */
export interface Asker {
  readonly identity: Identity
  /** What is known of it by its host, among those that share an identifier with it. */
  sightingFor(sharing: readonly Host[]): Sighting
  /** What keeps an image from it beside what keeps it from everybody. */
  readonly gate?: Gate
}

/** Meets a machine, opens a boot for it and says so in the log. */
export function meet(
  door: OpenDoor,
  request: FastifyRequest,
  place: Place,
  { identity, sightingFor, gate: own }: Asker,
): Soon<{ readonly bootid: string; readonly hash: string; readonly met: Met }> {
  const bootid = newBootid()
  const at = door.now()
  const boot = { hash: hashOf(bootid), address: request.ip, at }
  const urls = () => bootUrls(place.base, 0, bootid)
  const asking = { urls, mac: identity.macs[0], since: at, begins: true }
  const met = soon(policyOf(door), (policy) =>
    decided(door, asking, (gate) => {
      const both: Gate = own === undefined ? gate : (host, image) => own(host, image) ?? gate(host, image)
      return door.store.greet(identity, boot, (sharing) =>
        greet(sightingFor(sharing), sharing, { ...policy, gate: both }),
      )
    }),
  )
  return soon(met, (met) => {
    note(door, request, boot.address, met)
    return { bootid, hash: boot.hash, met }
  })
}

/** What the server does for machines just now. */
function policyOf(door: OpenDoor): Soon<Policy> {
  const firstPlan = door.discover ? DISCOVER : undefined
  return soon(door.findImages(), (findImage) =>
    soon(door.loops.limits(), (loopLimits) => ({ firstPlan, findImage, loopLimits })),
  )
}

function note(door: OpenDoor, request: FastifyRequest, ip: string, met: Met): void {
  door.tally.answered(met.kind === 'conflict' ? 'conflict' : met.decision.kind)
  if (met.kind === 'conflict') {
    request.log.warn({ hosts: met.hosts.map(({ id }) => id), ip }, met.why)
  } else {
    door.heard?.note(ip, { host: met.host.id, boot: met.boot.number })
    request.log.info(
      { host: met.host.id, boot: met.boot.number, ip },
      `${nameOf(met.host)} ${describeDecision(met.decision)}`,
    )
  }
}

type Welcomed = Extract<Met, { kind: 'met' }> & { readonly bootid: string }

/** A template that cannot be rendered is told to the machine, to the host's events and to the log. */
function renderDecision(door: BootDoor, request: FastifyRequest, place: Place, met: Welcomed): Soon<string> {
  const { host, decision, bootid } = met
  const urls = bootUrls(place.base, host.id, bootid)
  const load = () =>
    decision.kind === 'install' ? loadKernel(door, { host, image: decision.image, urls, mac: undefined }) : undefined
  return rescued(
    () => soon(load(), (load) => door.templates.bootScript({ host, decision, urls, server: place, bootid, load })),
    async (error) => {
      if (!(error instanceof TemplateError)) throw error
      await noteTemplateError(door, request, met, error)
      await door.store.changeHost(host.id, door.now(), (now) => ({ host: leaveBoot(now, met), events: [] }))
      return door.templates.templateError({ base: place.base, reason: error.message })
    },
  )
}
