import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cached, fileDigest } from '../cache.ts'
import { debianKernel } from '../debian-kernel.ts'
import { makeDiskImage } from '../disk-image.ts'
import { initrdInputs, packSystem } from '../initrd.ts'
import { pythonFiles, pythonInputs, readTree } from '../python.ts'
import { makeUnifiedKernel } from './unified-kernel.ts'

const SCRIPTS = join(import.meta.dirname, 'stand-in')
/** ESXi's programs, simulated. */
const USERLAND = join(import.meta.dirname, '../../esxi-userland')
/** What configures an installed ESXi: not packed here, it comes from the server, and its Python must have what it imports. */
const PROGRAM = join(import.meta.dirname, '../../../templates/kinds/esxi/configure')

/** What a medium needs to boot a machine of the lab and to install something on it. */
export interface StandIn {
  /** In place of ESXi's loader: one EFI program that plays loader, kernel and installer. */
  readonly loader: string
  /** Raw disk of the system that it installs. */
  readonly disk: string
}

/** Builds the stand-in for ESXi, or finds it in the cache. See `README.md` beside its scripts. */
export async function standIn(): Promise<StandIn> {
  const kernel = await debianKernel()
  const names = (await readdir(SCRIPTS)).filter((name) => /\.(sh|awk|py)$/.test(name)).sort()
  const scripts = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(SCRIPTS, name))] as const)),
  )
  const sources = ['stand-in.ts', 'unified-kernel.ts', '../disk-image.ts', '../gpt.ts']
  const digests = await Promise.all(sources.map((file) => fileDigest(join(import.meta.dirname, file))))
  const [userland, program] = await Promise.all([pythonSources(USERLAND), pythonSources(PROGRAM)])
  const python = [await pythonInputs(), Object.values(userland), Object.values(program)].flat()
  const key = [...(await initrdInputs(kernel)), ...names, ...Object.values(scripts), ...digests, ...python]
  const root = await cached('esxi-stand-in', key, async (directory) => {
    const {
      'init.sh': init = '',
      'installed.sh': installed = '',
      'udhcpc.sh': udhcpc = '',
      'simulated.py': simulated = '',
      ...parts
    } = scripts
    const initrd = await packSystem(kernel, {
      init,
      files: { ...parts, 'etc/udhcpc.sh': udhcpc },
      modules: ['efivarfs'],
    })
    const vmlinuz = await readFile(kernel.vmlinuz)
    const loader = await makeUnifiedKernel({ kernel: vmlinuz, initrd, name: 'ESXi stand-in' })
    await writeFile(join(directory, 'bootx64.efi'), loader)
    const scratch = join(directory, 'python')
    const use = { folders: [USERLAND, PROGRAM], modules: ['userland', 'run', 'host', 'argparse'] }
    const files = {
      ...(await pythonFiles(use, scratch)),
      ...Object.fromEntries(Object.entries(userland).map(([name, text]) => [`userland/${name}`, text])),
      'simulated.py': simulated,
    }
    await rm(scratch, { recursive: true })
    await makeDiskImage({
      kernel: kernel.vmlinuz,
      initrd: gzipSync(await packSystem(kernel, { init: installed, files })),
      target: join(directory, 'disk.img'),
    })
  })
  return { loader: join(root, 'bootx64.efi'), disk: join(root, 'disk.img') }
}

async function pythonSources(folder: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const files = Object.entries(await readTree(folder))
  return Object.fromEntries(files.filter(([name]) => /^\w+\.py$/.test(name)))
}
