import type { FastifyRequest } from 'fastify'
import { loadKernel } from '../../commands/load-kernel.ts'
import { bootUrls } from '../../core/boot-urls.ts'
import { describeDecision, type Gate } from '../../core/decide.ts'
import { greet, leaveBoot, type Sighting } from '../../core/greet.ts'
import { type Host, nameOf } from '../../core/host.ts'
import type { Identity } from '../../core/identity.ts'
import { DISCOVER } from '../../core/plan.ts'
import { TemplateError } from '../../render/template-error.ts'
import type { Met } from '../../store/store.ts'
import { type Place, placeOf } from './base-url.ts'
import { hashOf, newBootid } from './bootid.ts'
import type { BootDoor, OpenDoor } from './door.ts'
import { decided } from './gates.ts'
import { noteTemplateError } from './template-fault.ts'

/** Meets a machine that runs iPXE, opens a boot for it and answers with the script of what it does next. */
export async function welcome(door: OpenDoor, request: FastifyRequest, sighting: Sighting): Promise<string> {
  const place = placeOf(request, door.baseUrl)
  const asker = { identity: sighting.identity, sightingFor: () => sighting }
  const { bootid, met } = await meet(door, request, place, asker)
  if (met.kind === 'conflict') return door.templates.conflict({ base: place.base, hosts: met.hosts, why: met.why })
  return renderDecision(door, request, place, { ...met, bootid })
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
export async function meet(
  door: OpenDoor,
  request: FastifyRequest,
  place: Place,
  { identity, sightingFor, gate: own }: Asker,
): Promise<{ readonly bootid: string; readonly hash: string; readonly met: Met }> {
  const bootid = newBootid()
  const at = door.now()
  const boot = { hash: hashOf(bootid), address: request.ip, at }
  const policy = {
    firstPlan: door.discover ? DISCOVER : undefined,
    findImage: await door.findImages(),
    loopLimits: await door.loops.limits(),
  }
  const urls = () => bootUrls(place.base, 0, bootid)
  const asking = { urls, mac: identity.macs[0], since: at, begins: true }
  const met = await decided(door, asking, (gate) => {
    const both: Gate = (host, image) => own?.(host, image) ?? gate(host, image)
    return door.store.greet(identity, boot, (sharing) =>
      greet(sightingFor(sharing), sharing, { ...policy, gate: both }),
    )
  })
  door.tally.answered(met.kind === 'conflict' ? 'conflict' : met.decision.kind)
  if (met.kind === 'conflict') {
    request.log.warn({ hosts: met.hosts.map(({ id }) => id), ip: request.ip }, met.why)
  } else {
    door.heard?.note(request.ip, { host: met.host.id, boot: met.boot.number })
    request.log.info(
      { host: met.host.id, boot: met.boot.number, ip: request.ip },
      `${nameOf(met.host)} ${describeDecision(met.decision)}`,
    )
  }
  return { bootid, hash: boot.hash, met }
}

type Welcomed = Extract<Met, { kind: 'met' }> & { readonly bootid: string }

/** A template that cannot be rendered is told to the machine, to the host's events and to the log. */
async function renderDecision(door: BootDoor, request: FastifyRequest, place: Place, met: Welcomed): Promise<string> {
  const { host, decision } = met
  const urls = bootUrls(place.base, host.id, met.bootid)
  try {
    const load =
      decision.kind === 'install'
        ? await loadKernel(door, { host, image: decision.image, urls, mac: undefined })
        : undefined
    return door.templates.bootScript({ host, decision, urls, server: place, bootid: met.bootid, load })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    await noteTemplateError(door, request, met, error)
    await door.store.changeHost(host.id, door.now(), (now) => ({ host: leaveBoot(now, met), events: [] }))
    return door.templates.templateError({ base: place.base, reason: error.message })
  }
}
