import { type Command, Option } from 'commander'
import type { HostEdits } from '../commands/edit-host.ts'
import { readWait } from '../commands/read-wait.ts'
import { CONFIG_KEY } from '../core/config/model.ts'
import type { Forgettable } from '../core/edit.ts'
import { FIRMWARE_BOOTS, type FirmwareBoot, LOCAL_BOOTS, type LocalBoot, readHostname } from '../core/host.ts'
import { parseMac } from '../core/identity.ts'
import type { JsonObject } from '../core/json.ts'
import { type Plan, parsePlan } from '../core/plan.ts'
import { formatPath, readSettingChange, readSettingPath, type SettingChange } from '../core/setting.ts'
import { readMetadataText } from './metadata-text.ts'
import { addRootPasswordOptions } from './root-password.ts'
import { refuse, type SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './text.ts'

/** Longer than anybody plans ahead; beyond some 285,000 years there is no date to write. */

/** Of a flag that may be repeated, all texts. */
export const collect = (text: string, before: readonly string[] | undefined) => [...(before ?? []), text]

/** Gives `edit-host` the flags that change a host: KIWIspray's letters beside long names. */
export function addEditOptions(command: Command): Command {
  command
    .optionsGroup('Changing a host:')
    .option('-s, --state <plan>', 'images to apply, in order, or new or finished: wipe,esxi8')
    .option('--plan <plan>', 'the same')
    .option('--expires <time>', 'with -s: the plan is void when no boot came in time: 2h, 3d')
    .option('--retry', 'let a failed host have its plan again')
    .option('-n, --name <name>', 'host name; an empty text takes it away')
    .option('-m, --metadata <json>', 'replace the metadata: JSON, @FILE of JSON or YAML, or - for standard input')
  addSettingOptions(command, 'value in the metadata')
    .option(
      '--config <path>',
      'what the host is to be, from a file or folder: YAML of ours, netplan, cloud-init, a config drive',
    )
    .option('--protect', 'refuse every plan from now on')
    .option('--unprotect', 'accept plans again')
    .option('--local-boot <how>', `how it leaves for its disk: ${LOCAL_BOOTS.join(', ')}`)
    .option('--firmware-boot <what>', 'what its firmware starts: ipxe, or http for ESXi without iPXE (Secure Boot)')
  return addRootPasswordOptions(command, 'of the host')
    .optionsGroup('Settling an identity:')
    .option('--merge <host>', 'make one host of two: this one takes over the other, which is gone')
    .option('--forget-mac <mac>', 'take a MAC address away (may be repeated)', collect)
    .option('--forget-serial', 'take the serial away')
    .option('--forget-uuid', 'take the UUID away')
    .optionsGroup('Removing a host:')
    .option('--delete', 'forget the host and its boots; its events stay')
    .option('--yes', 'with --delete: do not ask')
}

/** Gives a command the flags that change nested settings one by one. @param what one of them is */
export function addSettingOptions(command: Command, what: string): Command {
  return command
    .option('--set <path=value>', `set one ${what}: esxi.disk=local (may be repeated)`, collect)
    .option('--unset <path>', `take one ${what} away (may be repeated)`, collect)
}

/** Lets flags be called by their long names in KIWIspray too; the help does not show these. */
export function addOldNames(command: Command): void {
  for (const [flag, meant] of [
    ['--id <host>', 'host'],
    ['--hostname <name>', 'name'],
    ['--meta <json>', 'metadata'],
  ] as const) {
    const option = new Option(flag).hideHelp()
    option.attributeName = () => meant
    command.addOption(meant === 'host' ? option.argParser(collect) : option)
  }
}

/** Reads what is to be changed; `undefined` when nothing is. What cannot be read is left with `settings`. */
export async function readEdits(settings: SettingsReader, terminal: Terminal): Promise<HostEdits | undefined> {
  const edits = {
    plan: readPlan(settings),
    expiresIn: settings.read('expires', readWait),
    retry: settings.flag('retry') || undefined,
    name: settings.read('name', readName),
    metadata: await readMetadata(settings, terminal),
    settings: readSettingChanges(settings),
    localBoot: settings.read('localBoot', readLocalBoot),
    firmwareBoot: settings.read('firmwareBoot', readFirmwareBoot),
    protected: readProtection(settings),
    forget: readForget(settings),
  }
  checkTogether(settings, edits.plan)
  const given = Object.entries(edits).filter(([, value]) => value !== undefined)
  return given.length === 0 ? undefined : (Object.fromEntries(given) as HostEdits)
}

function readPlan(settings: SettingsReader): Plan | undefined {
  if (settings.isGiven('state') && settings.isGiven('plan')) settings.wrong('--state and --plan are the same; give one')
  const read = (text: string): Plan => rephrase(() => parsePlan(text), 'cannot be a plan')
  return settings.read('state', read) ?? settings.read('plan', read)
}

/** Core's refusals are sentences of their own; here they explain the flag that held the text. */
function rephrase<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch (error) {
    throw refuse(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function readName(text: string): string {
  try {
    return readHostname(text) ?? ''
  } catch {
    throw refuse('is not a host name (letters, digits and dashes, not digits alone)')
  }
}

function readLocalBoot(text: string): LocalBoot {
  const found = LOCAL_BOOTS.find((one) => one === text)
  if (found === undefined) throw refuse(`is not one of ${LOCAL_BOOTS.join(', ')}`)
  return found
}

function readFirmwareBoot(text: string): FirmwareBoot {
  const found = FIRMWARE_BOOTS.find((one) => one === text)
  if (found === undefined) throw refuse(`is not one of ${FIRMWARE_BOOTS.join(', ')}`)
  return found
}

function readProtection(settings: SettingsReader): boolean | undefined {
  const [on, off] = [settings.flag('protect'), settings.flag('unprotect')]
  if (on && off) settings.wrong('--protect and --unprotect exclude each other')
  return on || off ? on : undefined
}

function readForget(settings: SettingsReader): readonly Forgettable[] | undefined {
  const macs = settings.list('forgetMac', (text) => rephrase(() => parseMac(text), 'cannot be forgotten'))
  const forget: Forgettable[] = [
    ...macs.map((mac) => ({ mac })),
    ...(settings.flag('forgetSerial') ? (['serial'] as const) : []),
    ...(settings.flag('forgetUuid') ? (['uuid'] as const) : []),
  ]
  return forget.length === 0 ? undefined : forget
}

async function readMetadata(settings: SettingsReader, terminal: Terminal): Promise<JsonObject | undefined> {
  const input = settings.isGiven('metadata') && settings.text('metadata') === '-' ? await terminal.readInput() : ''
  return settings.read('metadata', (text) => readMetadataText(text, input, terminal))
}

/** What is taken away goes first, so that `--unset esxi --set esxi.disk=local` leaves nothing but the disk. */
export function readSettingChanges(settings: SettingsReader): readonly SettingChange[] | undefined {
  const gone = settings.list('unset', readSettingPath)
  // The value may be a secret, in the wrong place or not.
  const set = settings.list('set', readSettingChange, (text) => text.replace(/=.*$/s, ''))
  const paths = [...gone, ...set.map(({ path }) => path)].map(formatPath)
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined) settings.wrong(`${printable(twice)} is set or unset twice`)
  const changes: SettingChange[] = [...gone.map((path) => ({ path })), ...set]
  return changes.length === 0 ? undefined : changes
}

/** What to say of clear passwords among changes that were typed; nothing of them is repeated. */
export function passwordAdvice(changes: readonly SettingChange[] = []): readonly string[] {
  const isClear = changes.some(({ path, value }) => {
    const said = JSON.stringify({ [path.at(-1) ?? '']: value })
    return path[0] === CONFIG_KEY && said.includes('"password":"')
  })
  return isClear
    ? ['others can read a password on a command line, and the shell keeps it: better in a file, with --config']
    : []
}

function checkTogether(settings: SettingsReader, plan: Plan | undefined): void {
  const hasImages = plan !== undefined && plan.images.length > 0
  if (settings.isGiven('expires') && !hasImages)
    settings.wrong('--expires needs a plan with an image: -s esxi8 --expires 2h')
  if (settings.isGiven('retry') && plan !== undefined) settings.wrong('--retry and -s exclude each other')
  if (settings.isGiven('yes') && !settings.isGiven('delete')) settings.wrong('--yes goes with --delete')
}
