import type { Boot } from '../../src/core/boot.ts'
import { type Host, newHost } from '../../src/core/host.ts'
import { type Identity, type Mac, parseMac } from '../../src/core/identity.ts'
import type { FindImage, Image } from '../../src/core/image.ts'

/** The `n`th Ethernet address of the tests. */
export function macOf(n: number): Mac {
  return parseMac(`02${n.toString(16).padStart(10, '0')}`)
}

export function identityOf(parts: Partial<Identity> = {}): Identity {
  return { macs: [], serial: undefined, uuid: undefined, ...parts }
}

/** A new host with one card, changed by what the test is about. */
export function hostOf(parts: Partial<Host> = {}): Host {
  return { id: 1, ...newHost(identityOf({ macs: [macOf(1)] }), 0), ...parts }
}

/** A boot of {@link hostOf} that was just opened. */
export function bootOf(parts: Partial<Boot> = {}): Boot {
  return {
    number: 1,
    hostId: 1,
    image: undefined,
    revision: 0,
    address: undefined,
    openedAt: 0,
    progressedAt: undefined,
    endedAt: undefined,
    outcome: undefined,
    ...parts,
  }
}

export function imageOf(name: string): Image {
  return { name, kind: 'linux', label: undefined, parts: {}, kernelOptions: '', bytes: 0, changedAt: 0 }
}

/** Finds the named images and no others. */
export function imagesOf(...names: readonly string[]): FindImage {
  return (name) => (names.includes(name) ? imageOf(name) : undefined)
}

/** The one card and its firmware, which no rule looks at. */
export const FIRMWARE = {
  platform: 'efi',
  arch: 'x86_64',
  manufacturer: 'QEMU',
  product: 'Standard PC',
  ipxe: '1.21.1',
}
