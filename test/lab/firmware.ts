/**
 * `bios`: SeaBIOS and QEMU's iPXE ROM. `uefi`: OVMF, first stage by PXE and TFTP. `uefi-http`: OVMF, first stage by
 * HTTP boot.
 */
export type Firmware = 'bios' | 'uefi' | 'uefi-http'

const OVMF_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd'
/** Variables of a machine that was never on; each machine gets its copy. */
export const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.fd'

/** QEMU's arguments for one firmware; `vars` is the machine's own copy of {@link OVMF_VARS}. */
export function firmwareArguments(firmware: Firmware, vars: string): string[] {
  // SeaBIOS shows its screen, and with it iPXE's, on the serial line when the machine has no graphics.
  if (firmware === 'bios') return ['-machine', 'q35,graphics=off']
  return [
    ...['-machine', 'q35,graphics=off'],
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${OVMF_CODE}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${vars}`],
    ...(firmware === 'uefi-http' ? [...withoutPxe('IPv4'), ...withoutPxe('IPv6')] : []),
  ]
}

/** Otherwise OVMF tries PXE first, and waits a minute for each protocol that nobody answers. */
function withoutPxe(protocol: 'IPv4' | 'IPv6'): string[] {
  return ['-fw_cfg', `name=opt/org.tianocore/${protocol}PXESupport,string=n`]
}
