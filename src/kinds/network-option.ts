import { gzipSync } from 'node:zlib'
import { tryHostConfig } from '../core/config/read-config.ts'
import { toNetplan } from '../core/config/to/netplan.ts'
import type { InstallRequest, KernelBoot } from './kind.ts'
import { NETWORK_CONFIG } from './placeholders.ts'

/** Whether a kernel is to be told of its host's networks. */
export function wantsNetwork({ options }: KernelBoot): boolean {
  return options.some((option) => option.includes(NETWORK_CONFIG))
}

/**
 * Puts a host's networks into its kernel's options: version 2 of cloud-init's network configuration, with gzip and base64. Nothing, when
 * nothing is said of networks, or nothing that can be read: cloud-init takes DHCP then, and the seed says what is wrong.
 */
export function withNetwork(load: KernelBoot, { description }: Pick<InstallRequest, 'description'>): KernelBoot {
  const { config, problems } = tryHostConfig(description)
  const isSaid = problems.length === 0 && config.networks.length > 0
  // A kernel's command line has 2048 bytes.
  const value = isSaid ? gzipSync(JSON.stringify(toNetplan(config)), { level: 9 }).toString('base64') : ''
  return { ...load, options: load.options.map((option) => option.replaceAll(NETWORK_CONFIG, value)) }
}
