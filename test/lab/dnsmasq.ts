import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Network } from './network.ts'

/** A running dnsmasq and what it logged. */
export interface Dnsmasq {
  readonly process: ChildProcess
  readonly log: readonly string[]
}

/** Starts dnsmasq in a network, with the given lines as its whole configuration, in the folder `directory`. */
export async function startDnsmasq(network: Network, directory: string, lines: readonly string[]): Promise<Dnsmasq> {
  await mkdir(directory, { recursive: true })
  const config = join(directory, 'dnsmasq.conf')
  await writeFile(config, `${[...lines, `dhcp-leasefile=${join(directory, 'leases')}`, 'pid-file'].join('\n')}\n`)
  // --no-daemon also keeps the user: in the namespace of a normal user there is no other.
  const args = ['--no-daemon', '--log-facility=-', `--conf-file=${config}`]
  const child = network.spawn('dnsmasq', args)
  const log: string[] = []
  const started = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => reject(new Error(`dnsmasq ended:\n${log.slice(-10).join('\n')}`)))
    if (child.stderr === null) return
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line)
      if (line.includes('started')) resolve()
    })
  })
  await started
  return { process: child, log }
}

/** A DHCP server that knows nothing of network boot, as it stands in many a network that we may not change. */
export function plainDhcp(network: Network): string[] {
  return [
    'port=0',
    `interface=${network.bridge}`,
    'bind-interfaces',
    'dhcp-authoritative',
    `dhcp-range=${network.host(100)},${network.host(200)},255.255.255.0,1h`,
    'dhcp-host=*:*:*:*:*:*,id:*',
    'log-dhcp',
    // dnsmasq pings an address for 3 s before it offers it, which iPXE answers by asking again, later.
    'no-ping',
  ]
}

/** The same with network boot by hand: for proving the lab without the server. `boot` is the address of an HTTP server. */
export async function bootDhcp(network: Network, directory: string, boot: string): Promise<string[]> {
  const tftp = join(directory, 'tftp')
  await mkdir(tftp, { recursive: true })
  await copyFile('/usr/lib/ipxe/undionly.kpxe', join(tftp, 'undionly.kpxe'))
  await copyFile('/usr/lib/ipxe/snponly.efi', join(tftp, 'snponly.efi'))
  return [
    ...plainDhcp(network),
    `dhcp-option=option:router,${network.address}`,
    'enable-tftp',
    `tftp-root=${tftp}`,
    'dhcp-userclass=set:ipxe,iPXE',
    'dhcp-match=set:ipxe,175',
    // no-pxedhcp: without it iPXE waits for another server's offer.
    'dhcp-option=tag:ipxe,encap:175,176,1b',
    'dhcp-vendorclass=set:httpc,HTTPClient',
    'dhcp-match=set:bios,option:client-arch,0',
    'dhcp-match=set:x64,option:client-arch,7',
    'dhcp-match=set:x64,option:client-arch,9',
    'dhcp-match=set:hx64,option:client-arch,16',
    'tag-if=set:s1bios,tag:bios,tag:!ipxe',
    'tag-if=set:s1x64,tag:x64,tag:!ipxe',
    'tag-if=set:s1hx64,tag:hx64,tag:!ipxe',
    `dhcp-boot=tag:s1bios,undionly.kpxe,,${network.address}`,
    `dhcp-boot=tag:s1x64,snponly.efi,,${network.address}`,
    'dhcp-option-force=tag:httpc,60,HTTPClient',
    `dhcp-boot=tag:s1hx64,${boot}/snponly.efi`,
    `dhcp-boot=tag:ipxe,${boot}/bootstrap.ipxe`,
    'dhcp-no-override',
  ]
}
