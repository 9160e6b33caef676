import type { HostConfig } from '../../core/config/model.ts'
import { readHostConfig, tryHostConfig } from '../../core/config/read-config.ts'
import { toCloudConfig } from '../../core/config/to/cloud-config.ts'
import { besideManagement, managementOf } from '../../core/config/to/management.ts'
import { nameOfHost } from '../../core/config/to/names.ts'
import { toNetplan } from '../../core/config/to/netplan.ts'
import type { BootFile, InstallRequest } from '../kind.ts'
import { seedFile } from '../seed.ts'
import { hideHostSecrets } from '../settings.ts'
import { kickstartNetwork, namedCards, ownAddresses, preseedNetwork, secondOfBoth } from './network-words.ts'
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
  /** What of the description its installer cannot be told. */
  left(common: Common): readonly string[]
  /** What it finds besides. */
  more(common: Common, request: InstallRequest): object
}

/** The answers to the questions of the distributions' installers, by the file's name in the boot's space. */
const FILES: { readonly [name: string]: Made } = {
  'preseed.cfg': {
    template: 'preseed.cfg',
    type: TEXT,
    left: ({ management, beside }) => [...preseedNetwork(management).left, ...beside],
    more: ({ management }) => ({ network: preseedNetwork(management).told }),
  },
  'ks.cfg': {
    template: 'ks.cfg',
    type: TEXT,
    left: ({ management, fqdn, beside }) => [...kickstartNetwork(management, fqdn).left, ...beside],
    more: ({ management, fqdn }) => ({ network: kickstartNetwork(management, fqdn).told }),
  },
  'autoinst.xml': {
    template: 'autoinst.xml',
    type: 'application/xml; charset=utf-8',
    left: ({ management, beside }) => [...secondOfBoth(management), ...ownAddresses(management), ...beside],
    more: ({ management }) => ({ cards: namedCards(management), management }),
  },
  'autoinstall/user-data': {
    template: 'autoinstall',
    type: TEXT,
    left: () => [],
    more: ({ config }, { host }) => ({
      cloudConfig: toCloudConfig(host, config),
      // Without one it takes DHCP on all cards.
      netplan: config.networks.length === 0 ? undefined : toNetplan(config),
    }),
  },
  'late.sh': {
    template: 'late.sh',
    type: TEXT,
    left: () => [],
    more: ({ config }) => ({ setup: setupScript(config) }),
  },
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
  const common = commonOf(request, readHostConfig(request.description))
  const { config, fqdn } = common
  const [hostname = fqdn, ...domain] = fqdn.split('.')
  const data = {
    ...{ host: hideHostSecrets(host), image, urls, config, fqdn, hostname, domain: domain.join('.') },
    late: `${urls.boot}/late.sh`,
    ...leaving(made.left(common)),
    ...made.more(common, request),
  }
  return { type: made.type, body: request.render(made.template, data) }
}

function commonOf({ host }: InstallRequest, config: HostConfig): Common {
  return {
    config,
    fqdn: nameOfHost(host, config),
    management: managementOf(config),
    beside: besideManagement(config),
  }
}

/** Where a file lets root log in with the password that is described, and with nothing else. */
const ROOT_BY_PASSWORD = ['preseed.cfg', 'ks.cfg', 'autoinst.xml']

/**
 * Says what the files that an image's kernel options name leave of a description, a sentence each; nothing when it cannot be read, which is told
 * elsewhere.
 */
export function installerWarnings(request: InstallRequest): readonly string[] {
  const { config, problems } = tryHostConfig(request.description)
  if (problems.length > 0) return []
  const { kernelOptions } = request.image
  // Ubuntu's installer is told the folder alone.
  const named = Object.entries(FILES).filter(([name]) => kernelOptions.includes(`/${name.replace(/user-data$/, '')}`))
  if (named.length === 0) return []
  const left = named.flatMap(([name, made]) =>
    made.left(commonOf(request, config)).map((what) => `${name} leaves ${what} as the installer makes it`),
  )
  return [
    ...left,
    ...loginWarnings(
      config,
      named.map(([name]) => name),
    ),
  ]
}

function loginWarnings({ root, users }: HostConfig, files: readonly string[]): readonly string[] {
  const logins = [root, ...users]
  if (logins.every(({ passwordHash, sshKeys }) => passwordHash === undefined && sshKeys.length === 0)) {
    return ['nobody can log in: neither root nor a user has a password or an SSH key (config.root, config.users)']
  }
  const isLocked = root.passwordHash === undefined && files.some((file) => ROOT_BY_PASSWORD.includes(file))
  return isLocked ? ["root's password is locked: config.root.passwordHash is not set"] : []
}

/** What an installer cannot be told, for its file and, as part of an address, for the host's events. */
function leaving(left: readonly string[]): { readonly left: readonly string[]; readonly leftText: string } {
  const text = left.length === 0 ? '' : `left as the installer makes it: ${left.join(', ')}`
  return { left, leftText: encodeURIComponent(text) }
}
