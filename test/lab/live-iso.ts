import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, fileDigest } from './cache.ts'
import { debianKernel } from './debian-kernel.ts'
import { buildInitrd, initrdInputs } from './initrd.ts'
import { PROGRAM_ENV, runProgram } from './run-program.ts'

/** A live ISO, and beside it what an importer is to find in it. */
export interface LiveIso {
  readonly iso: string
  readonly kernel: string
  readonly initrd: string
}

/**
 * A live ISO laid out as openSUSE's and KIWI's are, `boot/x86_64/loader/{linux,initrd}`. Its initrd takes
 * `root=live:<URL>`, fetches that to the end, and says its md5 and that it is up.
 */
export async function liveIso(name: string): Promise<LiveIso> {
  const kernel = await debianKernel()
  const key = [name, ...(await initrdInputs(kernel)), await fileDigest(import.meta.filename)]
  const root = await cached(`live-${name}`, key, async (directory) => {
    const tree = join(directory, 'tree')
    const loader = join(tree, 'boot/x86_64/loader')
    await mkdir(loader, { recursive: true })
    await writeFile(join(loader, 'linux'), await readFile(kernel.vmlinuz))
    const initrd = join(loader, 'initrd')
    await writeFile(initrd, await buildInitrd(kernel, 'live', { NAME: name }))
    await runProgram('xz', ['-6', '--threads=1', '--check=crc32', '--suffix=.packed', initrd])
    await runProgram('mv', [`${initrd}.packed`, initrd])
    await mkdir(join(tree, 'LiveOS'))
    // Stands for the root file system: what matters here is its way over the network.
    await writeFile(join(tree, 'LiveOS/squashfs.img'), Buffer.alloc(1024 * 1024, `${name} `))
    const options = [
      '-quiet',
      '-volid',
      'METALSPRAY_LIVE',
      '-rational-rock',
      '-joliet',
      '-o',
      join(directory, `${name}.iso`),
    ]
    await runProgram('xorriso', ['-as', 'mkisofs', ...options, tree], {
      env: { ...PROGRAM_ENV, SOURCE_DATE_EPOCH: '315619200' },
    })
  })
  const loader = join(root, 'tree/boot/x86_64/loader')
  return { iso: join(root, `${name}.iso`), kernel: join(loader, 'linux'), initrd: join(loader, 'initrd') }
}
