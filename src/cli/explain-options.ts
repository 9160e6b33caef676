import { type Command, Option } from 'commander'
import type { Introduced } from '../commands/explain/introduce.ts'
import { readMac, readSerial, readUuid } from '../core/identity.ts'
import { readBaseUrl } from './base-url.ts'
import { collect } from './edit-host-options.ts'
import { readImage } from './image-option.ts'
import { readMaxInstalls } from './max-installs.ts'
import type { SettingsReader } from './settings.ts'
import { addOption } from './variable-option.ts'

/** What `explain` is asked. */
export interface ExplainAsked {
  /** One of the two is there. */
  readonly hostText: string | undefined
  readonly introduced: Introduced | undefined
  readonly discover: boolean
  readonly image: string | undefined
  /** The file that is wanted alone. */
  readonly raw: string | undefined
  readonly showsSecrets: boolean
  /** What it is compared with: another host, or `last`. */
  readonly diff: string | undefined
  readonly isJson: boolean
  readonly base: string | undefined
  readonly maxInstalls: number | undefined
}

/** Adds what says of whom it is asked, and what. */
export function addExplainOptions(command: Command): void {
  command
    .argument('[host]', 'id, host name, MAC, serial or UUID')
    .option('--mac <address>', 'instead: a machine with this network card (may be repeated)', collect)
    .option('--serial <text>', 'and with this serial number')
    .option('--uuid <uuid>', 'and with this UUID')
    .option('--image <name>', 'as if its plan were this image')
    .option('--raw <name>', 'print one file of that boot alone: script, boot.cfg, ks.cfg, …')
    .addOption(new Option('--file <name>', 'the same as --raw').hideHelp())
    .option('--show-secrets', 'with --raw: with the hash of the root password')
    .option('--diff <other>', 'what differs from the next boot of another host; last: from its own newest boot')
    .option('--json', 'print JSON for other programs')
  addOption(command, ['--discover'], 'as the server was started: new machines get the plan discover,new')
}

/** Reads what was asked; {@link SettingsReader.done} is left to the caller. */
export function readAsked(settings: SettingsReader, hostText: string | undefined): ExplainAsked {
  const introduced = readIntroduced(settings)
  checkOne(settings, hostText !== undefined, introduced !== undefined)
  const raw = settings.text('raw') ?? settings.text('file')
  const diff = settings.text('diff')
  const isJson = settings.flag('json')
  const showsSecrets = settings.flag('showSecrets')
  if (settings.isGiven('raw') && settings.isGiven('file')) settings.wrong('--raw and --file are the same; give one')
  if (raw !== undefined && diff !== undefined) settings.wrong('--diff compares all files; leave --raw out')
  if (isJson && raw !== undefined) settings.wrong('--raw prints the file alone, without --json')
  if (showsSecrets && raw === undefined) settings.wrong('--show-secrets goes with --raw')
  return {
    ...{ hostText, introduced, raw, diff, showsSecrets, isJson },
    discover: settings.flag('discover'),
    image: settings.read('image', readImage),
    base: settings.read('baseUrl', readBaseUrl),
    maxInstalls: settings.read('maxInstalls', readMaxInstalls),
  }
}

function checkOne(settings: SettingsReader, isHost: boolean, isMachine: boolean): void {
  if (isHost !== isMachine) return
  settings.wrong(`name a host, or a machine by --mac, --serial and --uuid${isHost ? ', not both' : ''}`)
}

/** As it was told: what it is good for is a part of the answer. */
function readIntroduced(settings: SettingsReader): Introduced | undefined {
  if (!['mac', 'serial', 'uuid'].some((name) => settings.isGiven(name))) return undefined
  const macs = settings.list('mac', (text) => text)
  const [serial, uuid] = [settings.text('serial'), settings.text('uuid')]
  for (const mac of macs) settings.check(() => readMac(mac))
  settings.check(() => readSerial(serial))
  settings.check(() => readUuid(uuid))
  return { macs, serial, uuid }
}
