import { kickstartWord } from '../../../render/quote.ts'
import type { InstallRequest } from '../../kind.ts'
import type { NetworkSettings } from '../network-settings.ts'
import type { EsxiSettings } from '../settings.ts'

/** Where scripts of the kickstart keep what they need of each other, in the installer's memory. */
export const WORK_FOLDER = '/tmp/metalspray'

/** The command that a script writes when the host itself is asked for its disk. */
export const DISK_FILE = `${WORK_FOLDER}/disk.cfg`

/** The lines of the command section, each ready to stand there; `undefined` for what is not said. */
export interface Commands {
  readonly install: string
  readonly rootpw: string | undefined
  readonly network: string | undefined
  readonly keyboard: string | undefined
  readonly serialnum: string | undefined
  readonly paranoid: string | undefined
  readonly reboot: string | undefined
}

/**
 * Makes the commands of an install. An upgrade keeps what the host has: the installer refuses a password, a network and the
 * like with it.
 */
export function commandsOf(settings: EsxiSettings, request: Pick<InstallRequest, 'host' | 'mac'>): Commands {
  const isNew = settings.install !== 'upgrade'
  const when = (condition: boolean, line: string) => (condition ? line : undefined)
  return {
    install: settings.disk.by === 'match' ? `%include ${DISK_FILE}` : installCommand(settings, diskOption(settings)),
    rootpw: when(
      isNew && settings.rootPassword !== undefined,
      command('rootpw', '--iscrypted', settings.rootPassword ?? ''),
    ),
    network: when(isNew, command('network', ...networkOptions(settings.network, request))),
    keyboard: when(isNew && settings.keyboard !== undefined, command('keyboard', settings.keyboard ?? '')),
    serialnum: when(isNew && settings.serial !== undefined, command('serialnum', `--esx=${settings.serial}`)),
    paranoid: when(settings.paranoid, 'paranoid'),
    reboot: when(settings.reboot, 'reboot'),
  }
}

/** The command that puts ESXi on a disk. @param disk its option that names the disk, already quoted */
export function installCommand(settings: EsxiSettings, disk: string): string {
  return [settings.install, disk, ...installOptions(settings)].join(' ')
}

/** The options by which each command of the three treats what is on the disk. */
export function installOptions(settings: EsxiSettings): readonly string[] {
  const { install, vmfs } = settings
  if (install === 'upgrade') return []
  const vsan = settings.overwriteVsan ? ['--overwritevsan'] : []
  // This one keeps datastores when it is not told otherwise.
  if (install === 'installorupgrade') return [...(vmfs === 'overwrite' ? ['--overwritevmfs'] : []), ...vsan]
  return [
    ...VMFS[vmfs],
    ...vsan,
    ...(settings.ignorePrereqWarnings ? ['--ignoreprereqwarnings'] : []),
    ...(settings.forceUnsupported ? ['--forceunsupportedinstall'] : []),
  ]
}

const VMFS: { readonly [V in EsxiSettings['vmfs']]: readonly string[] } = {
  overwrite: ['--overwritevmfs'],
  preserve: ['--preservevmfs'],
  // Without the other option it fails on a disk that has a datastore.
  none: ['--novmfsondisk', '--overwritevmfs'],
}

function diskOption({ disk }: EsxiSettings): string {
  switch (disk.by) {
    case 'first':
      return disk.filters.length === 0 ? '--firstdisk' : kickstartWord(`--firstdisk=${disk.filters.join(',')}`)
    case 'name':
      return kickstartWord(`--disk=${disk.name}`)
    case 'match':
      throw new Error('a disk that the host itself looks for has no option')
  }
}

function networkOptions(
  network: NetworkSettings,
  { host, mac }: Pick<InstallRequest, 'host' | 'mac'>,
): readonly string[] {
  const option = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`]
  const common = [
    ...option('device', network.device ?? mac),
    ...option('vlanid', network.vlan),
    ...option('addvmportgroup', network.addVmPortgroup === undefined ? undefined : Number(network.addVmPortgroup)),
  ]
  if (network.bootproto === 'dhcp') return ['--bootproto=dhcp', ...common]
  return [
    '--bootproto=static',
    ...option('ip', network.ip),
    ...option('netmask', network.netmask),
    ...option('gateway', network.gateway),
    ...(network.nameserver.length > 0 ? option('nameserver', network.nameserver.join(',')) : ['--nodns']),
    ...option('hostname', network.hostname ?? host.hostname),
    ...common,
  ]
}

function command(name: string, ...words: readonly string[]): string {
  return [name, ...words.map((word) => (word === '' ? '' : kickstartWord(word)))].join(' ').trimEnd()
}
