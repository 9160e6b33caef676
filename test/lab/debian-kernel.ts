import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { runProgram } from './run-program.ts'

/** Debian's kernel for virtual machines, unpacked but not installed. */
export interface DebianKernel {
  readonly version: string
  readonly vmlinuz: string
  /** `lib/modules/<version>` */
  readonly modules: string
}

/**
 * Fetches the kernel package and unpacks it, once. Installing it would make an initramfs for this machine, which takes
 * 20 s, needs root, and is of no use here; `apt-get download` needs neither.
 */
export async function debianKernel(): Promise<DebianKernel> {
  const packageName = await currentPackage()
  const root = await cached(`kernel-${packageName}`, [packageName], async (directory) => {
    await runProgram('apt-get', ['download', '-q', packageName], { cwd: directory })
    const deb = (await readdir(directory)).find((name) => name.endsWith('.deb'))
    if (deb === undefined) throw new Error(`apt-get download ${packageName} left no .deb`)
    await runProgram('dpkg-deb', ['-x', deb, 'unpacked'], { cwd: directory })
    await rm(join(directory, deb))
    const version = packageName.replace('linux-image-', '')
    await rename(join(directory, 'unpacked/boot', `vmlinuz-${version}`), join(directory, 'vmlinuz'))
    const modules = (await readdir(join(directory, 'unpacked'))).includes('lib') ? 'lib/modules' : 'usr/lib/modules'
    await rename(join(directory, 'unpacked', modules, version), join(directory, 'modules'))
    await rm(join(directory, 'unpacked'), { recursive: true })
  })
  const version = packageName.replace('linux-image-', '')
  return { version, vmlinuz: join(root, 'vmlinuz'), modules: join(root, 'modules') }
}

async function currentPackage(): Promise<string> {
  const depends = await runProgram('apt-cache', ['depends', 'linux-image-cloud-amd64']).catch((error: unknown) => {
    throw new Error('the lab boots Debian’s kernel, which apt does not know here: run `sudo apt-get update` once', {
      cause: error,
    })
  })
  const name = /Depends: (linux-image-\S+-cloud-amd64)/.exec(depends)?.[1]
  if (name === undefined)
    throw new Error('linux-image-cloud-amd64 depends on no kernel: the lab needs Debian 12 or newer')
  return name
}
