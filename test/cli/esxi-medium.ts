import type { Host } from '../../src/core/host.ts'
import { mediumOf, without } from '../kinds/esxi/media.ts'
import { host, type Place } from './program.ts'

/** Puts an ESXi medium into the images folder, without some of its files. */
export async function writeMedium(here: Place, name: string, ...missing: string[]): Promise<void> {
  const files = without(mediumOf(), ...missing)
  await Promise.all(Object.entries(files).map(([file, text]) => here.write(`images/${name}/${file}`, text)))
}

/** A host that was last seen with UEFI, and can be changed. */
export function uefiHost(id: number, more: Partial<Host> = {}): Host {
  return host(id, { firmware: firmwareOf('efi', 'x86_64'), ...more })
}

export function firmwareOf(platform: string, arch: string): NonNullable<Host['firmware']> {
  return { platform, arch, manufacturer: 'QEMU', product: '', ipxe: '1.21.1' }
}
