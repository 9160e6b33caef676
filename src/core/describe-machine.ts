import { type Boot, type BootChange, progress } from './boot.ts'
import { ProvisionError } from './errors.ts'
import type { Host } from './host.ts'
import type { Mac } from './identity.ts'
import type { JsonObject } from './json.ts'
import { learnIdentity } from './match.ts'

/** What a discovery image found out about its machine. */
export interface Findings {
  readonly macs: readonly Mac[]
  /** Merged into the host's metadata, key by key: a key that comes again replaces what it had. */
  readonly metadata: JsonObject
}

/** The image that may describe its machine; KIWIspray gives it this name. */
const DISCOVERY_IMAGE = 'discover'

/** Takes over what a discovery image found, while that image runs. */
export function describeMachine(host: Host, boot: Boot, findings: Findings, now: number): BootChange {
  const live = progress(host, boot, now)
  if (live.refused !== undefined) return live
  if (boot.image !== DISCOVERY_IMAGE || host.state !== 'installing' || boot.revision !== host.revision) {
    return { ...live, host, boot, refused: new ProvisionError('unauthorized', 'invalid state') }
  }
  const { identity, news } = learnIdentity(host, { macs: findings.macs, serial: undefined, uuid: undefined })
  const keys = Object.keys(findings.metadata)
  const told = [...news, ...(keys.length === 0 ? [] : [`metadata ${keys.join(', ')}`])]
  return {
    ...live,
    host: { ...live.host, ...identity, metadata: { ...host.metadata, ...findings.metadata } },
    events: [{ type: 'updated', text: told.join('; ') || 'nothing new' }],
  }
}
