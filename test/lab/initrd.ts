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

/**
 * Builds the initrd of one role: busybox, the modules that a QEMU machine needs, `common.sh` and the role's own script.
 * `settings` become shell variables of the script (`NAME`, …).
 */
export async function buildInitrd(
  kernel: DebianKernel,
  role: InitrdRole,
  settings: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const script = (name: string) => readFile(join(import.meta.dirname, 'initrd', name))
  const directories = ['bin', 'dev', 'etc', 'lib', 'modules', 'proc', 'run', 'sbin', 'sys', 'tmp', 'usr', 'usr/bin']
  const modules = role === 'disk' ? [] : await moduleFiles(kernel, NETWORK_AND_DISK)
  return packCpio([
    ...directories.map((path): CpioEntry => ({ path, directory: true })),
    { path: 'dev/console', device: [5, 1] },
    { path: 'bin/busybox', data: await readBusybox(), executable: true },
    { path: 'bin/sh', link: 'busybox' },
    { path: 'init', data: await script(`${role}.sh`), executable: true },
    { path: 'common.sh', data: await script('common.sh') },
    { path: 'etc/udhcpc.sh', data: await script('udhcpc.sh'), executable: true },
    { path: 'settings.sh', data: shellSettings(settings) },
    ...modules,
  ])
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
