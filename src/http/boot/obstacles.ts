import { problemsOf } from '../../commands/find-problems.ts'
import { prepareInstall } from '../../commands/prepare-install.ts'
import type { BootUrls } from '../../core/boot-urls.ts'
import { CONFIG_KEY } from '../../core/config/model.ts'
import type { Gate } from '../../core/decide.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { Mac } from '../../core/identity.ts'
import type { Image } from '../../core/image.ts'
import { rescued, type Soon } from '../../core/soon.ts'
import type { BootDoor } from './door.ts'

/** How long a finding holds, in ms: what an operator mends counts so much later at most. */
const FRESH_MS = 2000
const MOST = 10_000

/** The boot for which it is asked. */
export interface Asking {
  urls(): BootUrls
  readonly mac: Mac | undefined
}

interface Finding {
  readonly at: number
  /** `undefined` when nothing is wrong. */
  readonly reason: string | undefined
}

/** Thrown out of a decision that needs a finding which is not there yet. */
class Unchecked extends Error {
  readonly host: Host
  readonly image: Image

  constructor(host: Host, image: Image) {
    super('not checked yet')
    this.host = host
    this.image = image
  }
}

/**
 * Asks a kind whether its loader or installer would refuse an image on a host, before the machine gets it: there it could say so to
 * nobody, and would hang. Decisions are made at one go inside a transaction and cannot wait for that; one that needs to know is made
 * again when it is known.
 */
export class Obstacles {
  readonly #door: BootDoor
  readonly #found = new Map<string, Finding>()

  constructor(door: BootDoor) {
    this.#door = door
  }

  /** Makes a decision, as often as it takes to know all that it asks of its gate; at once when nothing has to be found out for it. */
  decided<T>(asking: Asking, decision: (gate: Gate) => Soon<T>): Soon<T> {
    // Findings of this round alone, too: what is looked at for long must not be out of date before it is used.
    let own: Map<string, Finding> | undefined
    const gate: Gate = (host, image) => {
      // What is set for all hosts or an image was judged when it was set; only with a host's own it can be wrong.
      const isPlain = host.metadata[CONFIG_KEY] === undefined
      if (isPlain && this.#door.kindOf(image).problems === undefined) return undefined
      const key = keyOf(host, image)
      const finding = own?.get(key) ?? this.#fresh(key)
      if (finding === undefined) throw new Unchecked(host, image)
      return finding.reason === undefined ? undefined : { kind: 'hold', reason: finding.reason }
    }
    const findOut = async (error: unknown): Promise<T> => {
      if (!(error instanceof Unchecked)) throw error
      const finding = { at: this.#door.now(), reason: await this.#check(error, asking) }
      const key = keyOf(error.host, error.image)
      own ??= new Map()
      own.set(key, finding)
      this.#keep(key, finding)
      return decide()
    }
    const decide = (): Soon<T> => rescued(() => decision(gate), findOut)
    return decide()
  }

  #fresh(key: string): Finding | undefined {
    const finding = this.#found.get(key)
    return finding !== undefined && this.#door.now() - finding.at < FRESH_MS ? finding : undefined
  }

  #keep(key: string, finding: Finding): void {
    if (this.#found.size >= MOST) this.#found.clear()
    this.#found.set(key, finding)
  }

  async #check({ host, image }: Unchecked, asking: Asking): Promise<string | undefined> {
    try {
      const request = await prepareInstall(this.#door, { host, image, urls: asking.urls(), mac: asking.mac })
      const problems = await problemsOf(this.#door.kindOf(image), request)
      return problems.length === 0 ? undefined : `${image.name} cannot be installed: ${problems.join('; ')}`
    } catch (error) {
      // A file that cannot be read, a template with a mistake.
      if (error instanceof ProvisionError) return `${image.name} cannot be installed: ${error.message}`
      throw error
    }
  }
}

/** A host that is new has no id of its own yet; the firmware is what it says at this boot. */
function keyOf(host: Host, image: Image): string {
  const { platform = '', arch = '' } = host.firmware ?? {}
  return [host.id, host.revision, host.id === 0 ? host.macs.join() : '', platform, arch, image.name].join(' ')
}
