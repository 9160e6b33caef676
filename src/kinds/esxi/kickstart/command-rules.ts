import type { Command, Script } from './parse.ts'
import { errorAt, type Problem } from './problem.ts'

/** Whether an option wants `=VALUE`, may have it, or must not. */
type OptionForm = 'value' | 'maybe' | 'flag'

/** What the installer takes behind a command. */
interface CommandRule {
  readonly options: { readonly [name: string]: OptionForm }
  /** How many words without dashes it wants. */
  readonly words: number
}

const DISK = { disk: 'value', drive: 'value', firstdisk: 'maybe' } as const
const NOTHING: CommandRule = { options: {}, words: 0 }
const SERIAL: CommandRule = { options: { esx: 'value' }, words: 0 }
const PART: CommandRule = { options: { ondisk: 'value', ondrive: 'value', onfirstdisk: 'maybe' }, words: 1 }
const INCLUDE: CommandRule = { options: {}, words: 1 }

/** The commands and sections that the installer knows, with all of their options (VMware's documentation, and the installer's own). */
const RULES: { readonly [name: string]: CommandRule } = {
  accepteula: NOTHING,
  vmaccepteula: NOTHING,
  clearpart: {
    options: { alldrives: 'flag', drives: 'value', ignoredrives: 'value', firstdisk: 'maybe', overwritevmfs: 'flag' },
    words: 0,
  },
  dryrun: NOTHING,
  install: {
    options: {
      ...DISK,
      overwritevmfs: 'flag',
      preservevmfs: 'flag',
      novmfsondisk: 'flag',
      overwritevsan: 'flag',
      ignoressd: 'flag',
      ignoreprereqwarnings: 'flag',
      ignoreprereqerrors: 'flag',
      forceunsupportedinstall: 'flag',
      systemdisk: 'value',
      systemDisk: 'value',
      repartitionsystemdisk: 'flag',
      dpuPciSlots: 'value',
      dpupcislots: 'value',
    },
    words: 0,
  },
  installorupgrade: {
    options: { ...DISK, overwritevsan: 'flag', overwritevmfs: 'flag', forcemigrate: 'flag' },
    words: 0,
  },
  upgrade: {
    options: {
      ...DISK,
      diskBootedFrom: 'flag',
      savebootbank: 'value',
      bootDiskMarker: 'value',
      forcemigrate: 'flag',
      deletecosvmdk: 'flag',
    },
    words: 0,
  },
  keyboard: { options: {}, words: 1 },
  serialnum: SERIAL,
  vmserialnum: SERIAL,
  network: {
    options: {
      bootproto: 'value',
      device: 'value',
      ip: 'value',
      netmask: 'value',
      gateway: 'value',
      nameserver: 'value',
      nodns: 'flag',
      hostname: 'value',
      vlanid: 'value',
      addvmportgroup: 'value',
    },
    words: 0,
  },
  paranoid: NOTHING,
  part: PART,
  partition: PART,
  reboot: { options: { noeject: 'flag' }, words: 0 },
  rootpw: { options: { iscrypted: 'flag' }, words: 1 },
  include: INCLUDE,
  '%include': INCLUDE,
  '%pre': { options: { interpreter: 'value' }, words: 0 },
  '%post': { options: { interpreter: 'value', timeout: 'value', ignorefailure: 'value' }, words: 0 },
  '%firstboot': { options: { interpreter: 'value', level: 'value' }, words: 0 },
}

/** Commands of older releases and of Linux' kickstarts, which the installer passes over with a warning. */
export const IGNORED_COMMANDS: ReadonlySet<string> = new Set(
  (
    'auth autopart bootloader cmdline device esxlocation firewall firewallport firstboot harddrive ignoredisk interactive lang ' +
    'langsupport lilo lilocheck mouse raid skipx text timezone url virtualdisk vnc volgroup xconfig vmlicense zerombr %packages ' +
    '%vmlicense_text'
  ).split(' '),
)

/** A command that the installer knows, its options apart from its words. */
export interface Said {
  readonly line: number
  readonly name: string
  /** By name, without dashes; `undefined` for an option without a value. */
  readonly options: ReadonlyMap<string, string | undefined>
  readonly words: readonly string[]
  /** What is wrong with options and words as such. */
  readonly problems: readonly Problem[]
}

/** Whether the installer knows a command. */
export function isKnownCommand(name: string): boolean {
  return Object.hasOwn(RULES, name)
}

/** Takes a known command apart. */
export function readCommand(command: Command | Script): Said {
  const rule = RULES[command.name] ?? NOTHING
  const options = new Map<string, string | undefined>()
  const words: string[] = []
  const problems: Problem[] = []
  const refuse = (text: string) => problems.push(errorAt(command, 'options', `${command.name} ${text}`))
  for (const word of command.words) {
    if (!word.startsWith('-')) {
      words.push(word)
      continue
    }
    const [, name = '', value] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    const fault = optionFault(rule, name, value)
    if (fault !== undefined) refuse(fault)
    if (options.has(name)) refuse(`says --${name} twice`)
    options.set(name, value)
  }
  if (words.length !== rule.words) refuse(wordsFault(rule.words, words))
  return { line: command.line, name: command.name, options, words, problems }
}

function optionFault(rule: CommandRule, name: string, value: string | undefined): string | undefined {
  const form = Object.hasOwn(rule.options, name) ? rule.options[name] : undefined
  if (form === undefined) {
    const known = Object.keys(rule.options).map((option) => `--${option}`)
    return `has no option --${name}; it has ${known.length === 0 ? 'none' : known.join(', ')}`
  }
  if (form === 'flag' && value !== undefined) return `takes no value for --${name}`
  if (form === 'value' && value === undefined) return `wants --${name}=VALUE, without blanks around the =`
  return value === '' ? `has nothing behind --${name}=` : undefined
}

function wordsFault(wanted: number, words: readonly string[]): string {
  if (words.length < wanted) return 'wants one word more'
  const extra = words[wanted] ?? ''
  return `has ${JSON.stringify(extra)} too many; a text with blanks needs quotes, and there are no blanks around a =`
}
