/** How far a machine is, in order, and how a person would say it. */
export const STAGES = {
  off: 'is switched off',
  firmware: 'starts its firmware',
  ipxe: 'runs iPXE, which looks for an address',
  ask: 'asks the server what to do',
  wait: 'waits for an image, asks every 10 s',
  load: 'loads the installer',
  start: 'starts the installer',
  modules: 'loads kernel and modules',
  kickstart: 'reads its kickstart',
  write: 'writes the image to its disk',
  check: 'checks what it wrote',
  callback: 'calls back',
  reboot: 'reboots',
  leave: 'goes to its own disk',
  up: 'runs from its own disk',
  configured: 'is configured, by its first start',
} as const

export type Stage = keyof typeof STAGES

/** The words by which a console tells a stage: firmware's, iPXE's, our scripts' and those of the lab's image. */
const WORDS: readonly (readonly [RegExp, Stage])[] = [
  [/SeaBIOS \(version|>>Start (?:PXE|HTTP Boot) over/, 'firmware'],
  [/^iPXE initialising devices/, 'ipxe'],
  [/^Asking http/, 'ask'],
  [/waits for an image/, 'wait'],
  [/^Installing \S+ on host/, 'load'],
  [/^metalspray-lab: install start/, 'start'],
  [/^metalspray-lab: install attempt/, 'write'],
  [/^metalspray-lab: install written/, 'check'],
  [/^metalspray-lab: install post-install http/, 'callback'],
  [/^metalspray-lab: reboot/, 'reboot'],
  [/is finished and starts from its disk/, 'leave'],
  [/^metalspray: this disk boots by itself/, 'up'],
  [/^esxi-stand-in: mboot command line/, 'start'],
  [/^esxi-stand-in: mboot modules/, 'modules'],
  [/^esxi-stand-in: weasel kickstart http/, 'kickstart'],
  [/^esxi-stand-in: weasel install on/, 'write'],
  [/^esxi-stand-in: post start/, 'callback'],
  [/^esxi-stand-in: reboot/, 'reboot'],
  [/^esxi-stand-in: firstboot: this host is/, 'configured'],
]

/** How the lab's installers say that it is over. */
const FAILURE =
  /^(?:metalspray-lab: install failed|esxi-stand-in: (?:mboot Fatal error|kernel PSOD|weasel failed):) (.*)/
const NOTHING_TO_BOOT = /^No bootable device|UEFI Interactive Shell/

/** What one line of a console tells of its machine. */
export interface Told {
  readonly stage?: Stage
  readonly mib?: number
  /** Why it cannot go on. */
  readonly failure?: string
}

export function readLine(line: string): Told {
  const mib = /^metalspray-lab: install progress (\d+) MiB/.exec(line)?.[1]
  if (mib !== undefined) return { mib: Number(mib) }
  if (NOTHING_TO_BOOT.test(line)) return { failure: 'its firmware found nothing to boot' }
  const failure = FAILURE.exec(line)?.[1]
  if (failure !== undefined) return { failure: `its installer said: ${failure}` }
  const stage = WORDS.find(([words]) => words.test(line))?.[1]
  return stage === undefined ? {} : { stage }
}

/** A console's line as it may be quoted on somebody's terminal: no control codes, and no key to a boot's files. */
export function quotable(line: string): string {
  const plain = line.replace(/[^\x20-\x7e]+/g, ' ').replace(/\s{2,}/g, ' ')
  return plain.replace(/(\/b\/|bootid=)[0-9a-f]{8,}/g, '$1...').trim()
}

/** A leg of the road that is timed, up to the stage that ends it. */
export type Leg = readonly [to: Stage, what: string]

/** The road of a KIWI image. */
export const KIWI_LEGS: readonly Leg[] = [
  ['wait', 'from power-on until it is discovered'],
  ['load', 'until it asks again and gets its image'],
  ['write', 'installer loaded, started, has an address'],
  ['check', 'image written to the disk'],
  ['callback', 'image checked'],
  ['reboot', 'server told, which calls the host finished'],
  ['up', 'reboot, and start from its own disk'],
]

/** The road of ESXi. */
export const ESXI_LEGS: readonly Leg[] = [
  ['wait', 'from power-on until it is discovered'],
  ['load', 'until it asks again and gets its image'],
  ['modules', 'loader loaded, started, has the first modules'],
  ['kickstart', 'the other modules loaded, all checked'],
  ['write', 'kickstart read, %pre run'],
  ['callback', 'disk written'],
  ['reboot', '%post run: the server calls the host finished'],
  ['up', 'reboot, and start from its own disk'],
  ['configured', '%firstboot run: the server calls it configured'],
]
