import type { Firmware } from '../../core/host.ts'
import type { Image } from '../../core/image.ts'

/** The loader that a machine with this firmware starts ESXi by: its role among an image's parts, and the firmware's name. */
export function loaderFor({ platform, arch }: Pick<Firmware, 'platform' | 'arch'>): {
  readonly role: string | undefined
  readonly firmware: string
} {
  if (platform === 'pcbios') return { role: 'mbootBios', firmware: 'BIOS' }
  if (arch === 'arm64') return { role: 'mbootArm', firmware: 'arm64 UEFI' }
  if (arch === 'x86_64') return { role: 'mboot', firmware: 'x86-64 UEFI' }
  return { role: undefined, firmware: `${arch} UEFI` }
}

/** Says when an image cannot start on the firmware that a host was last seen with. */
export function firmwareFaults(image: Image, firmware: Firmware | undefined): readonly string[] {
  // What firmware did not tell is found out by the boot script.
  if (firmware === undefined || firmware.platform === '' || firmware.arch === '') return []
  const { role, firmware: name } = loaderFor(firmware)
  if (role !== undefined && image.parts[role] !== undefined) return []
  return [`the image has no loader for ${name}, which this host starts by`]
}
