import { join } from 'node:path'
import { esxiMedium } from '../lab/esxi/medium.ts'
import type { Machine, MachineSpec } from '../lab/machine.ts'
import { Rig } from '../lab/rig.ts'
import { CEILING } from './ceiling.ts'

/** What a root password looks like that only ESXi itself could check. */
const HASH = `$6$metalspray$${'x'.repeat(86)}`

/** The image that the rack's server has, from a medium named as VMware's own. */
export const ESXI = 'esxi8'

/** A server room whose server has imported an ESXi-like medium and runs. */
export async function esxiRack(...options: readonly string[]): Promise<Rig> {
  const { iso } = await esxiMedium({ release: '8.0U3b', scheme: 'plain', megabytes: 4 })
  const rig = await Rig.build()
  await rig.importImage(ESXI, iso)
  await rig.startServer(...options)
  return rig
}

/** Where the server keeps a file of the image. */
export function imageFile(rig: Rig, file: string): string {
  return join(rig.images, ESXI, file)
}

/** A new machine that came once and waits; `number` makes its address and its serial. */
export async function esxiMachine(rig: Rig, number: number, spec: Partial<MachineSpec> = {}): Promise<Machine> {
  const machine = await rig.machine({
    name: `m${number}`,
    firmware: 'uefi',
    macs: [`52:54:00:77:01:${number}`],
    serial: serialOf(number),
    ...spec,
  })
  await machine.powerOn()
  await machine.waitFor('waits for an image', CEILING)
  return machine
}

export function serialOf(number: number): string {
  return `MS-01${number}`
}

/** Gives a host its name and its settings below `esxi.`, as an operator would; a root password among them. */
export async function setEsxi(
  rig: Rig,
  number: number,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const pairs = Object.entries({ rootPassword: HASH, ...settings })
  const changes = pairs.flatMap(([path, value]) => ['--set', `esxi.${path}=${value}`])
  await rig.editHost('-i', serialOf(number), '-n', name, ...changes)
}
