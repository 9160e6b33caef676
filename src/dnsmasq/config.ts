import type { FirmwareArch } from '../core/boot-program.ts'
import { ProvisionError } from '../core/errors.ts'
import { type AddressRange, type Network, networkAddress } from './interface.ts'
import { IPXE_NAMES, type IpxeFiles } from './ipxe-files.ts'
import { OWN_LOADER, ownLoaderFolders } from './own-loaders.ts'

/** What a dnsmasq configuration is made for. */
export interface DnsmasqSettings {
  readonly network: Network
  /** The addresses to give out; `undefined` beside a DHCP server that is there already (proxy mode). */
  readonly range: AddressRange | undefined
  /** The boot door's port. */
  readonly bootPort: number
  readonly tftpRoot: string
  readonly leaseFile: string
  /** The folder that {@link writeOwnLoaders} fills. */
  readonly ownLoaders: string
  /** Which iPXE programs the TFTP root has. */
  readonly files: IpxeFiles
  /** The user that owns the files of the TFTP root; `undefined` for whoever starts dnsmasq. */
  readonly user: string | undefined
  /** Logs every DHCP option of every packet. */
  readonly verbose?: boolean
}

/**
 * Writes dnsmasq's configuration: firmware gets iPXE, iPXE gets our script, whether it came by BIOS, UEFI or UEFI HTTP boot.
 * Booted as it stands on SeaBIOS and OVMF; see docs/dhcp.md for what each line is good for.
 * @throws {ProvisionError} invalid, for a path that cannot stand in a configuration file
 */
export function dnsmasqConfig(settings: DnsmasqSettings): string {
  const lines = [
    ...general(settings),
    '',
    ...whoAsks(),
    '',
    ...(settings.range === undefined ? proxy(settings) : authoritative(settings, settings.range)),
  ]
  return `${lines.join('\n')}\n`
}

function general({ network, tftpRoot, user, verbose }: DnsmasqSettings): readonly string[] {
  return [
    '# Made by metalspray, whose server writes its own anew at every start.',
    'port=0                                  # DHCP and TFTP only, no DNS',
    `interface=${network.interface}`,
    'except-interface=lo',
    'bind-interfaces',
    ...(user === undefined ? [] : [`user=${user}`]),
    'enable-tftp',
    `tftp-root=${plainPath(tftpRoot)}`,
    'tftp-secure                             # only files of the user that dnsmasq runs as',
    ...(verbose === true ? ['log-dhcp'] : []),
  ]
}

/** Numbers: IANA's "Processor Architecture Types". Firmware says 7 or 9 for the same x64 UEFI. */
function whoAsks(): readonly string[] {
  return [
    '# Who asks. iPXE says so by its user class; odd builds only by their encapsulated options (175).',
    'dhcp-userclass=set:ipxe,iPXE',
    'dhcp-match=set:ipxe,175',
    'dhcp-vendorclass=set:httpc,HTTPClient',
    'dhcp-match=set:bios,option:client-arch,0',
    'dhcp-match=set:x64,option:client-arch,7',
    'dhcp-match=set:x64,option:client-arch,9',
    'dhcp-match=set:arm64,option:client-arch,11',
    'dhcp-match=set:httpx64,option:client-arch,16',
    'dhcp-match=set:httparm64,option:client-arch,19',
  ]
}

function authoritative(settings: DnsmasqSettings, range: AddressRange): readonly string[] {
  const { network, leaseFile } = settings
  return [
    '# The only DHCP server of this network.',
    'dhcp-authoritative',
    `dhcp-range=${range.first},${range.last},${network.netmask},1h`,
    `dhcp-leasefile=${plainPath(leaseFile)}`,
    '# Firmware, iPXE and the installed system have different client ids: one machine is one lease all the same.',
    'dhcp-host=*:*:*:*:*:*,id:*',
    '# Some firmware misreads options that overflow into the fields for names.',
    'dhcp-no-override',
    '# dnsmasq would try each new address for three seconds, and answer nobody meanwhile.',
    'no-ping',
    '# There is no proxy DHCP server that iPXE should wait for: no-pxedhcp.',
    'dhcp-option=tag:ipxe,encap:175,176,1b',
    '',
    '# First iPXE, by TFTP ...',
    ...byTftp(settings, 'bios', 'bios'),
    ...byTftp(settings, 'x64', 'x64'),
    ...byTftp(settings, 'arm64', 'arm64'),
    ...ownLoaders(settings),
    '# ... or by HTTP: that firmware wants its own vendor class echoed.',
    'dhcp-option-force=tag:httpc,60,HTTPClient',
    ...byHttp(settings, 'httpx64', 'x64'),
    ...byHttp(settings, 'httparm64', 'arm64'),
    '',
    '# ... then our script.',
    `dhcp-boot=tag:ipxe,${scriptUrl(settings)}`,
  ]
}

function byTftp(settings: DnsmasqSettings, tag: string, arch: FirmwareArch): readonly string[] {
  if (settings.files[arch] === undefined) return [missing(arch)]
  const first = `first-${tag}`
  return [
    `tag-if=set:${first},tag:${tag},tag:!ipxe`,
    `dhcp-boot=tag:${first},${IPXE_NAMES[arch]},,${settings.network.address}`,
  ]
}

/** Hosts whose firmware starts without iPXE come and go: dnsmasq reads new files of these folders by itself. */
function ownLoaders({ ownLoaders: folder }: DnsmasqSettings): readonly string[] {
  const [hosts, options] = ownLoaderFolders(folder)
  return [`dhcp-hostsdir=${plainPath(hosts)}`, `dhcp-optsdir=${plainPath(options)}`]
}

function byHttp(settings: DnsmasqSettings, tag: string, arch: FirmwareArch): readonly string[] {
  if (settings.files[arch] === undefined) return [missing(arch)]
  const first = `first-${tag}`
  return [
    `tag-if=set:${first},tag:${tag},tag:!ipxe,tag:!${OWN_LOADER}`,
    `dhcp-boot=tag:${first},${baseUrl(settings)}/ipxe/${IPXE_NAMES[arch]}`,
  ]
}

/** The names by which dnsmasq knows client types in proxy mode; x64 firmware comes under two. */
const PROXY_TYPES: readonly (readonly [type: string, arch: FirmwareArch])[] = [
  ['x86PC', 'bios'],
  ['x86-64_EFI', 'x64'],
  ['BC_EFI', 'x64'],
  ['ARM64_EFI', 'arm64'],
]

/**
 * Proxy mode: another server gives the addresses, we add what to boot. iPXE as a ROM wants a boot service here too:
 * `dhcp-boot` alone leaves it with "Nothing to boot". UEFI HTTP boot gets no answer in this mode.
 */
function proxy(settings: DnsmasqSettings): readonly string[] {
  const { network } = settings
  return [
    '# Beside another DHCP server: no addresses, only what to boot.',
    `dhcp-range=${networkAddress(network)},proxy,${network.netmask}`,
    ...PROXY_TYPES.map(([type, arch]) =>
      settings.files[arch] === undefined
        ? missing(arch)
        : `pxe-service=tag:!ipxe,${type},"iPXE",${IPXE_NAMES[arch]},${network.address}`,
    ),
    ...PROXY_TYPES.map(([type]) => `pxe-service=tag:ipxe,${type},"metalspray",${scriptUrl(settings)}`),
    `dhcp-boot=tag:ipxe,${scriptUrl(settings)}`,
  ]
}

function missing(arch: FirmwareArch): string {
  return `# ${arch}: no iPXE found here (${IPXE_NAMES[arch]})`
}

function scriptUrl(settings: DnsmasqSettings): string {
  return `${baseUrl(settings)}/bootstrap.ipxe`
}

function baseUrl({ network, bootPort }: DnsmasqSettings): string {
  return `http://${network.address}:${bootPort}`
}

/** dnsmasq's file has quotes, but with escapes of its own; a path that needs none needs no thought. */
function plainPath(path: string): string {
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(path) || /["#\\]/.test(path)) {
    throw new ProvisionError('invalid', `dnsmasq cannot be told of the path ${JSON.stringify(path)}`)
  }
  return path
}
