import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CpioEntry, packCpio } from './cpio.ts'
import type { DebianKernel } from './debian-kernel.ts'

/** What the small systems of the lab do: one script each in `initrd/`. */
export type InitrdRole = 'install' | 'disk' | 'discover' | 'live'

const BUSYBOX = '/bin/busybox'

/** In the order in which insmod has to load them: nothing resolves dependencies in a system this small. */
const NETWORK_AND_DISK = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'failover',
  'net_failover',
  'virtio_net',
  'virtio_blk',
]

/** A system small enough to live in an initrd. */
export interface SmallSystem {
  readonly init: string | Uint8Array
  /** By their path; `common.sh` and `etc/udhcpc.sh` are there unless they are given. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Whether it can reach its network and its disks; it can unless said otherwise. */
  readonly drivers?: boolean
  /** Modules beyond those, in the order in which insmod has to load them. */
  readonly modules?: readonly string[]
  /** Become shell variables in `/settings.sh`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Builds the initrd of one role: its own script, with `settings` (`NAME`, …). */
export async function buildInitrd(
  kernel: DebianKernel,
  role: InitrdRole,
  settings: Readonly<Record<string, string>>,
): Promise<Buffer> {
  return await packSystem(kernel, { init: await readScript(`${role}.sh`), settings, drivers: role !== 'disk' })
}

/** Packs busybox, the modules that a QEMU machine needs, and a system's own files. */
export async function packSystem(kernel: DebianKernel, system: SmallSystem): Promise<Buffer> {
  const directories = ['bin', 'dev', 'etc', 'lib', 'modules', 'proc', 'run', 'sbin', 'sys', 'tmp', 'usr', 'usr/bin']
  const files = {
    'common.sh': await readScript('common.sh'),
    'etc/udhcpc.sh': await readScript('udhcpc.sh'),
    ...system.files,
  }
  const drivers = system.drivers === false ? [] : NETWORK_AND_DISK
  const modules = await moduleFiles(kernel, [...drivers, ...(system.modules ?? [])])
  const parents = Object.keys(files).flatMap((path) =>
    path.split('/').map((_, at, parts) => parts.slice(0, at).join('/')),
  )
  const all = new Set([...directories, ...parents.filter((path) => path !== '')])
  return packCpio([
    ...[...all].map((path): CpioEntry => ({ path, directory: true })),
    { path: 'dev/console', device: [5, 1] },
    { path: 'bin/busybox', data: await readBusybox(), executable: true },
    { path: 'bin/sh', link: 'busybox' },
    { path: 'init', data: system.init, executable: true },
    ...Object.entries(files).map(([path, data]): CpioEntry => ({ path, data, executable: true })),
    { path: 'settings.sh', data: shellSettings(system.settings ?? {}) },
    ...modules,
  ])
}

async function readScript(name: string): Promise<Buffer> {
  return await readFile(join(import.meta.dirname, 'initrd', name))
}

/** The inputs that decide an initrd's bytes, for the key of what is cached. */
export async function initrdInputs(kernel: DebianKernel): Promise<readonly (string | Uint8Array)[]> {
  const folder = join(import.meta.dirname, 'initrd')
  const scripts = (await readdir(folder)).sort()
  const sources = ['initrd.ts', 'cpio.ts'].map((name) => readFile(join(import.meta.dirname, name)))
  return [
    kernel.version,
    await readBusybox(),
    ...(await Promise.all(sources)),
    ...(await Promise.all(scripts.map((name) => readFile(join(folder, name))))),
  ]
}

async function readBusybox(): Promise<Buffer> {
  return await readFile(BUSYBOX).catch((error: unknown) => {
    throw new Error(`${BUSYBOX} is missing; install it with: sudo apt-get install busybox-static`, { cause: error })
  })
}

/** A module that is not a file of its own is built into the kernel, which is just as good. */
async function moduleFiles(kernel: DebianKernel, names: readonly string[]): Promise<CpioEntry[]> {
  const files = await readdir(kernel.modules, { recursive: true })
  const found = names.flatMap((name) => files.filter((file) => file.endsWith(`/${name}.ko`)).slice(0, 1))
  return await Promise.all(
    found.map(async (file, index) => ({
      path: `modules/${String(index).padStart(2, '0')}-${file.slice(file.lastIndexOf('/') + 1)}`,
      data: await readFile(join(kernel.modules, file)),
    })),
  )
}

function shellSettings(settings: Readonly<Record<string, string>>): string {
  const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(value)}\n`)
    .join('')
}
