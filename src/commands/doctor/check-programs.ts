import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { findIpxe, IPXE_NAMES } from '../../dnsmasq/ipxe-files.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'

/** The oldest dnsmasq that all of our configuration was written for. */
const OLDEST = [2, 80] as const
const WITH_SBIN = ':/usr/sbin:/usr/local/sbin:/sbin'

/** dnsmasq: whether it is there, and not too old. */
export async function checkDnsmasq(
  { path }: Pick<DoctorDeps, 'path'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const why = 'it answers DHCP and sends iPXE to machines; metalspray serve --interface runs it'
  const mend = 'apt-get install dnsmasq-base'
  try {
    const env = { PATH: path + WITH_SBIN, LC_ALL: 'C' }
    const { stdout } = await promisify(execFile)('dnsmasq', ['--version'], { env, signal })
    const [, text, major, minor] = /version ((\d+)\.(\d+)\S*)/i.exec(stdout) ?? []
    if (text === undefined)
      return [note('dnsmasq', 'dnsmasq is installed, and does not tell its version', { why, mend })]
    const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
    if (isOld) return [warn('dnsmasq', `dnsmasq ${text} is older than ${OLDEST.join('.')}`, { why, mend })]
    return [ok('dnsmasq', `dnsmasq ${text} is installed`, why)]
  } catch (error) {
    signal.throwIfAborted()
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const what = isMissing ? 'the program dnsmasq is not installed' : `dnsmasq does not run: ${String(error)}`
    // Who has another DHCP server needs none.
    return [warn('dnsmasq', what, { why, mend: `${mend}; not needed with a DHCP server of your own (docs/dhcp.md)` })]
  }
}

/** iPXE: whether there is one for each kind of firmware. */
export async function checkIpxe(
  { ipxe }: Pick<DoctorDeps, 'ipxe'>,
  directories?: readonly string[],
): Promise<readonly Finding[]> {
  const found = directories === undefined ? findIpxe(ipxe) : findIpxe(ipxe, directories)
  const why = 'it is what machines are started with'
  const install = 'apt-get install ipxe, or metalspray serve --ipxe FOLDER with your own'
  const one = (arch: 'bios' | 'x64') => {
    const path = found[arch]
    const what = `no iPXE for ${arch === 'bios' ? 'BIOS' : 'UEFI x64'} machines (${IPXE_NAMES[arch]}) is installed`
    if (path !== undefined)
      return ok(`ipxe-${arch}`, `${path} is for ${arch === 'bios' ? 'BIOS' : 'UEFI x64'} machines`, why)
    const level = found.x64 === undefined && found.bios === undefined ? fail : warn
    return level(`ipxe-${arch}`, what, { why, mend: install })
  }
  const arm = { why, mend: 'put snponly.efi for arm64 into a folder and name it by --ipxe; Debian 12 has none' }
  return [
    one('bios'),
    one('x64'),
    found.arm64 === undefined
      ? note('ipxe-arm64', 'no iPXE for arm64 machines is installed: they get no answer', arm)
      : ok('ipxe-arm64', `${found.arm64} is for arm64 machines`, why),
    ...checkComboot(found.bios),
  ]
}

/** iPXE for BIOS is packed, so that nobody can see from outside what is in it; but what distributions build is known. */
function checkComboot(bios: string | undefined): readonly Finding[] {
  if (bios === undefined || !/^\/usr\/(?:lib|share)\/ipxe/.test(dirname(bios))) return []
  return [
    note('ipxe-comboot', 'the iPXE of distributions cannot start ESXi on BIOS: it has no COMBOOT', {
      why: 'ESXi’s loader for BIOS is a COM32 program; a BIOS machine that is to get ESXi says so on its console and stays',
      mend: 'UEFI machines need nothing. For BIOS: an iPXE built with COMBOOT, metalspray serve --ipxe FOLDER',
    }),
  ]
}
