import { availableParallelism } from 'node:os'
import type { Firmware } from '../lab/firmware.ts'
import { publish } from '../lab/publish.ts'
import { Rig } from '../lab/rig.ts'
import { Board } from './board.ts'
import { showCommand, type, typed } from './commands.ts'
import { Guest } from './guest.ts'
import { type Screen, seconds } from './screen.ts'
import { messageOf } from './server-log.ts'
import type { Medium, Show } from './shows.ts'
import { fleetPage, stay } from './stay.ts'
import { showTimes } from './summary.ts'

/** What the person asked for. */
export interface Wanted {
  readonly show: Show
  readonly firmware: Firmware
  readonly machines: number
  /** End when all is shown, instead of leaving it up. */
  readonly exit: boolean
  /** Where the person outside reaches the admin door; 0 for nowhere. */
  readonly port: number
}

const FIRMWARE_NAMES: { readonly [F in Firmware]: string } = {
  bios: 'BIOS (SeaBIOS, iPXE in the network card)',
  uefi: 'UEFI (OVMF, iPXE by PXE and TFTP)',
  'uefi-http': 'UEFI (OVMF, iPXE by HTTP boot)',
}

/** Tells the whole story, and leaves nothing behind. @throws {Letdown} when something does not happen; AbortError */
export async function tellStory(
  screen: Screen,
  wanted: Wanted,
  stopping: AbortController,
): Promise<'shown' | 'stopped'> {
  const { signal } = stopping
  const now = () => performance.now()
  const { machines, show } = wanted
  const road =
    machines === 1
      ? 'a machine goes from power-on to its own disk'
      : `${machines} machines go from power-on to their own disks`
  screen.print(screen.colors.bold(`metalspray: ${road}, for real`))
  for (const line of show.preface) screen.print(`  ${line}`)
  screen.print(`  firmware: ${FIRMWARE_NAMES[wanted.firmware]}`)
  const cores = availableParallelism()
  if (machines > cores) screen.print(`  ${machines} machines share ${cores} cores: this takes a while`)
  await using rig = await Rig.build()
  screen.print(screen.colors.dim(`  data and images are in ${rig.directory}, which the commands below are told by`))
  screen.print(screen.colors.dim('  METALSPRAY_DATA and METALSPRAY_IMAGES'))

  const medium = await bringImage(screen, rig, { show, signal })
  await startServer(screen, rig, wanted)

  screen.act(machines === 1 ? 'Power on' : `Power on, ${machines} machines`)
  const { guests, board } = await rack({ screen, rig, wanted, medium, signal, now })
  signal.throwIfAborted()
  for (const guest of guests) await guest.powerOn()
  await board.until('wait')
  for (const guest of guests) {
    screen.print(
      `  ${done(screen)} ${guest.name} was discovered ${seconds(guest.between('off', 'wait') ?? 0)} after power-on`,
    )
  }
  await type(screen, rig, ['edit-host', '-l'])

  await setRootPassword(screen, rig, show)

  screen.act('Assign an image')
  await board.refresh()
  for (const guest of guests) {
    await type(screen, rig, ['edit-host', '-i', String(guest.host?.id), '-n', guest.name, '-s', show.image])
    guest.nudge()
  }

  screen.act('Install, call back, reboot')
  if (show.midst !== undefined) {
    await board.until(show.midst)
    await type(screen, rig, ['edit-host', '-l'])
  }
  await board.until(show.last, ({ host }) => host?.state === 'finished')
  for (const guest of guests) {
    screen.print(`  ${done(screen)} the disk of ${guest.name} says: ${screen.colors.green(`"${guest.ownWords}"`)}`)
  }

  screen.act('What the server knows now')
  await type(screen, rig, ['edit-host', '-l'])
  await type(screen, rig, ['edit-host', '-i', guests[0]?.name ?? '1', '--events'])
  screen.print('')
  showTimes(screen, guests, show.legs)
  if (wanted.exit) return 'shown'
  await stay({ screen, rig, wanted, guests, board, image: show.image, signal, stop: () => stopping.abort() })
  return 'stopped'
}

/** Where what is installed wants one. */
async function setRootPassword(screen: Screen, rig: Rig, { image, rootPassword }: Show): Promise<void> {
  if (rootPassword === undefined) return
  screen.act('Set a root password')
  screen.print(
    '  Here for all hosts that get this image. Without one it cannot be assigned: there is no default password.',
  )
  await type(screen, rig, ['metalspray', 'defaults', '--image', image, '--root-password-stdin'], rootPassword)
}

function done(screen: Screen): string {
  return screen.colors.green('✓')
}

interface Bringing {
  readonly show: Show
  readonly signal: AbortSignal
}

async function bringImage(screen: Screen, rig: Rig, { show, signal }: Bringing): Promise<Medium> {
  screen.act('An image')
  screen.print(`  ${show.made}`)
  // Not cut short when it is stopped: what it began it takes away by itself.
  const medium = await show.bring()
  signal.throwIfAborted()
  await type(screen, rig, ['metalspray', 'import', show.image, medium.file])
  signal.throwIfAborted()
  return medium
}

/** In the lab every port is free. */
function adminPort(published: number): number {
  return published === 0 ? 5001 : published
}

/** Of what the server says when it starts: what a person wants to know. */
const HEARD = /^(metalspray \d|boot door|admin door|dnsmasq answers)/

async function startServer(screen: Screen, rig: Rig, { port }: Wanted): Promise<void> {
  screen.act('The server')
  showCommand(screen, typed('serve', '--interface', rig.network.bridge))
  await rig.startServer('--admin-port', String(adminPort(port)))
  if (port !== 0) await publish(port, { host: '127.0.0.1', port })
  const said = rig.log.map(messageOf).filter((message) => HEARD.test(message))
  screen.print(...said.map((message) => `  ${message}`))
  if (port !== 0)
    screen.print(`  ${screen.colors.bold('watch it in a browser:')} ${screen.colors.cyan(fleetPage(port))}`)
}

interface Rack {
  readonly screen: Screen
  readonly rig: Rig
  readonly wanted: Wanted
  readonly medium: Medium
  readonly signal: AbortSignal
  readonly now: () => number
}

async function rack({ screen, rig, wanted, medium, signal, now }: Rack): Promise<{ guests: Guest[]; board: Board }> {
  const guests: Guest[] = []
  const admin = `http://127.0.0.1:${adminPort(wanted.port)}`
  const board = new Board({ rig, admin, screen, guests, imageMib: medium.mib, signal, now })
  for (let number = 1; number <= wanted.machines; number += 1) {
    const machine = await rig.machine({
      name: `m${number}`,
      firmware: wanted.firmware,
      macs: [`52:54:00:77:00:0${number}`],
      serial: `DEMO-000${number}`,
    })
    guests.push(new Guest(machine, { now, onStage: (guest) => board.tell(guest) }))
  }
  return { guests, board }
}
