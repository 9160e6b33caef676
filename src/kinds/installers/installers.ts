import type { HostConfig } from '../../core/config/model.ts'
import { readHostConfig } from '../../core/config/read-config.ts'
import { toCloudConfig } from '../../core/config/to/cloud-config.ts'
import { besideManagement, managementOf } from '../../core/config/to/management.ts'
import { nameOfHost } from '../../core/config/to/names.ts'
import { toNetplan } from '../../core/config/to/netplan.ts'
import type { BootFile, InstallRequest } from '../kind.ts'
import { seedFile } from '../seed.ts'
import { hideHostSecrets } from '../settings.ts'
import { kickstartNetwork, namedCards, preseedNetwork, secondOfBoth } from './network-words.ts'
import { setupScript } from './setup-script.ts'

const TEXT = 'text/plain; charset=utf-8'

/** What the templates of all of them find in `it`. */
interface Common {
  readonly config: HostConfig
  readonly fqdn: string
  readonly management: ReturnType<typeof managementOf>
  /** Of the networks, what is none of the management's. */
  readonly beside: readonly string[]
}

interface Made {
  /** The template, `<template>.eta`. */
  readonly template: string
  readonly type: string
  /** What it finds besides. */
  more(common: Common, request: InstallRequest): object
}

/** The answers to the questions of the distributions' installers, by the file's name in the boot's space. */
const FILES: { readonly [name: string]: Made } = {
  'preseed.cfg': {
    template: 'preseed.cfg',
    type: TEXT,
    more: ({ management, beside }) => {
      const { told, left } = preseedNetwork(management)
      return { network: told, ...leaving([...left, ...beside]) }
    },
  },
  'ks.cfg': {
    template: 'ks.cfg',
    type: TEXT,
    more: ({ management, fqdn, beside }) => {
      const { told, left } = kickstartNetwork(management, fqdn)
      return { network: told, ...leaving([...left, ...beside]) }
    },
  },
  'autoinst.xml': {
    template: 'autoinst.xml',
    type: 'application/xml; charset=utf-8',
    more: ({ management, beside }) => ({
      ...{ cards: namedCards(management), management },
      ...leaving([...secondOfBoth(management), ...beside]),
    }),
  },
  'autoinstall/user-data': {
    template: 'autoinstall',
    type: TEXT,
    more: ({ config }, { host }) => ({
      cloudConfig: toCloudConfig(host, config),
      // Without one it takes DHCP on all cards.
      netplan: config.networks.length === 0 ? undefined : toNetplan(config),
    }),
  },
  'late.sh': { template: 'late.sh', type: TEXT, more: ({ config }) => ({ setup: setupScript(config) }) },
}

/** What cloud-init fetches beside the answers to Ubuntu's installer. */
const SEEDS: { readonly [name: string]: string } = {
  'autoinstall/meta-data': 'meta-data',
  'autoinstall/vendor-data': 'vendor-data',
}

/** The names of the files that {@link installerFile} makes. */
export const INSTALLER_FILES: readonly string[] = [...Object.keys(FILES), ...Object.keys(SEEDS)]

/**
 * Makes what the installer of a Linux distribution asks for: answers to its questions, and the script that it runs at its end.
 * @returns `undefined` when there is none of that name
 * @throws {ProvisionError} invalid, when what is set for the host is wrong, or the template
 */
export function installerFile(name: string, request: InstallRequest): BootFile | undefined {
  if (Object.hasOwn(SEEDS, name)) return seedFile(SEEDS[name] ?? '', request)
  const made = Object.hasOwn(FILES, name) ? FILES[name] : undefined
  if (made === undefined) return undefined
  const { host, image, urls } = request
  const config = readHostConfig(request.description)
  const fqdn = nameOfHost(host, config)
  const [hostname = fqdn, ...domain] = fqdn.split('.')
  const common = { config, fqdn, management: managementOf(config), beside: besideManagement(config) }
  const data = {
    ...{ host: hideHostSecrets(host), image, urls, config, fqdn, hostname, domain: domain.join('.') },
    late: `${urls.boot}/late.sh`,
    ...made.more(common, request),
  }
  return { type: made.type, body: request.render(made.template, data) }
}

/** What an installer cannot be told, for its file and, as part of an address, for the host's events. */
function leaving(left: readonly string[]): { readonly left: readonly string[]; readonly leftText: string } {
  const text = left.length === 0 ? '' : `left as the installer makes it: ${left.join(', ')}`
  return { left, leftText: encodeURIComponent(text) }
}
