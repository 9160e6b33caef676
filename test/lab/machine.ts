import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConsoleLog } from './console-log.ts'
import { makeBlankDisk } from './disk-image.ts'
import { type Firmware, firmwareArguments, OVMF_VARS } from './firmware.ts'
import type { Network, Tap } from './network.ts'
import { Qmp } from './qmp.ts'
import { explainSpawnError } from './run-program.ts'

/** A machine to be: what its label says. */
export interface MachineSpec {
  readonly name: string
  readonly firmware: Firmware
  /** One network card each, all on the lab's bridge. */
  readonly macs: readonly string[]
  readonly serial?: string
  readonly uuid?: string
  readonly memoryMib?: number
  readonly cores?: number
  readonly diskMib?: number
  /**
   * `network-first` is how racks are set up, and what is used unless said otherwise; `firmware` leaves the order to the
   * firmware, which on a new machine means the disk before the network.
   */
  readonly bootOrder?: 'network-first' | 'firmware'
  /** Added to QEMU's arguments as they are. */
  readonly extra?: readonly string[]
}

/** Where machines are kept and what they are plugged into. */
export interface MachinePlace {
  readonly directory: string
  readonly network: Network
}

/** A QEMU machine with a power button, a disk that stays, and a serial console. */
export class Machine {
  readonly spec: MachineSpec
  readonly console: ConsoleLog
  /** Raw, sparse. */
  readonly disk: string
  readonly #place: MachinePlace
  readonly #taps: readonly Tap[]
  #process: ChildProcess | undefined
  #qmp: Qmp | undefined
  #gone: Promise<void> = Promise.resolve()

  private constructor(spec: MachineSpec, place: MachinePlace, taps: readonly Tap[]) {
    this.spec = spec
    this.#place = place
    this.#taps = taps
    this.disk = join(place.directory, `${spec.name}.disk`)
    this.console = new ConsoleLog(join(place.directory, `${spec.name}.console`))
  }

  /** Puts a new machine into the rack: a blank disk, its own firmware variables, its cables. It is off. */
  static async build(spec: MachineSpec, place: MachinePlace): Promise<Machine> {
    await mkdir(place.directory, { recursive: true })
    const taps = await Promise.all(spec.macs.map(() => place.network.plugIn()))
    const machine = new Machine(spec, place, taps)
    await makeBlankDisk(machine.disk, spec.diskMib ?? 64)
    if (spec.firmware !== 'bios') await copyFile(OVMF_VARS, machine.#vars)
    return machine
  }

  get isOn(): boolean {
    return this.#process !== undefined
  }

  /** Presses the power button of a machine that is off. */
  async powerOn(): Promise<void> {
    if (this.#process) throw new Error(`${this.spec.name} is on already`)
    await rm(this.#socket, { force: true })
    this.console.reopen()
    const program = 'qemu-system-x86_64'
    const child = this.#place.network.spawn(program, this.#arguments())
    this.#process = child
    const errors: string[] = []
    child.stdout?.on('data', (chunk: Buffer) => this.console.write(chunk))
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
    const failed = new Promise<never>((_, reject) =>
      child.once('error', (error) => reject(explainSpawnError(program, error))),
    )
    this.#gone = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#process = undefined
        this.#qmp?.close()
        this.#qmp = undefined
        this.console.end(`${this.spec.name} went off (QEMU ended with ${code ?? signal}) ${errors.join('').trim()}`)
        resolve()
      })
    })
    const early = this.#gone.then(() => {
      throw new Error(`${this.spec.name} did not start: ${errors.join('').trim() || 'QEMU ended at once'}`)
    })
    this.#qmp = await Promise.race([Qmp.connect(this.#socket), failed, early])
    early.catch(() => undefined)
  }

  /** Pulls the plug: nothing is flushed, as in a power cut. */
  async powerOff(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.#gone
  }

  /** Presses the reset button. */
  async reset(): Promise<void> {
    await this.#command('system_reset')
  }

  /** Lets the machine hang: its clock stands still, and nothing comes from it until it is resumed. */
  async pause(): Promise<void> {
    await this.#command('stop')
  }

  /** Lets a machine that was paused go on where it stood. */
  async resume(): Promise<void> {
    await this.#command('cont')
  }

  async #command(name: string): Promise<void> {
    if (!this.#qmp) throw new Error(`${this.spec.name} is off; it takes no ${name}`)
    await this.#qmp.command(name)
  }

  /** Pulls or plugs the cable of one network card. */
  async setLink(nic: number, up: boolean): Promise<void> {
    await this.#qmp?.command('set_link', { name: `nic${nic}`, up })
  }

  /** Waits for words on the console; see {@link ConsoleLog.waitFor}. */
  waitFor(pattern: RegExp | string, ceilingMs: number): Promise<RegExpExecArray> {
    return this.console.waitFor(pattern, ceilingMs)
  }

  /** Resolves when the machine is off. */
  async whenOff(): Promise<void> {
    await this.#gone
  }

  /** Takes the machine out of the rack; its disk and its log stay in their folder. */
  async remove(): Promise<void> {
    await this.powerOff()
    await Promise.all(this.#taps.map((tap) => tap.unplug()))
    this.console.close()
  }

  get #vars(): string {
    return join(this.#place.directory, `${this.spec.name}.vars`)
  }

  get #socket(): string {
    return join(this.#place.directory, `${this.spec.name}.qmp`)
  }

  #arguments(): string[] {
    const { spec } = this
    const networkFirst = spec.bootOrder !== 'firmware'
    const bootIndex = (index: number) => (networkFirst ? `,bootindex=${index}` : '')
    // OVMF has a driver of its own for this card and must use it, as a real machine does; SeaBIOS has none and boots
    // QEMU's iPXE ROM, as there is no other PXE stack for BIOS in Debian.
    const rom = spec.firmware === 'bios' ? '' : ',romfile='
    const type1 = [spec.serial && `serial=${spec.serial}`, spec.uuid && `uuid=${spec.uuid}`, `product=metalspray lab`]
    return [
      ...['-name', spec.name, '-nodefaults', '-display', 'none', '-vga', 'none'],
      ...['-accel', 'tcg,thread=multi', '-smp', String(spec.cores ?? 1), '-m', String(spec.memoryMib ?? 512)],
      ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
      ...['-qmp', `unix:${this.#socket},server=on,wait=off`],
      ...['-smbios', ['type=1', 'manufacturer=QEMU', ...type1].filter(Boolean).join(',')],
      ...(spec.uuid ? ['-uuid', spec.uuid] : []),
      ...firmwareArguments(spec.firmware, this.#vars),
      ...['-drive', `file=${this.disk},format=raw,if=none,id=disk,cache=writeback,discard=unmap,detect-zeroes=unmap`],
      ...['-device', `virtio-blk-pci,drive=disk${bootIndex(this.#taps.length + 1)}`],
      ...this.#taps.flatMap((tap, index) => [
        ...['-netdev', `tap,id=net${index},ifname=${tap.name},script=no,downscript=no`],
        ...[
          '-device',
          `virtio-net-pci,id=nic${index},netdev=net${index},mac=${spec.macs[index]}${rom}${bootIndex(index + 1)}`,
        ],
      ]),
      ...(spec.extra ?? []),
    ]
  }
}
