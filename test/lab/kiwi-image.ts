import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, fileDigest } from './cache.ts'
import { debianKernel } from './debian-kernel.ts'
import { makeDiskImage } from './disk-image.ts'
import { buildInitrd, initrdInputs } from './initrd.ts'
import { runProgram } from './run-program.ts'

/** `install` installs; `fail` reports a failure instead; `discover` tells of the machine and installs nothing. */
export type KiwiVariant = 'install' | 'fail' | 'discover'

/** What a KIWI image of the lab is to be. */
export interface KiwiSpec {
  /** Also the word by which its installer and its disk name themselves on the console. */
  readonly name: string
  readonly variant?: KiwiVariant
  /** `pxeboot.<name>.kernel` as newer KIWI has it, instead of `pxeboot.kernel`. */
  readonly longNames?: boolean
}

/** A KIWI image, packed as KIWI packs it and beside it unpacked. */
export interface KiwiImage {
  readonly name: string
  readonly tarball: string
  readonly directory: string
  readonly kernel: string
  readonly initrd: string
  /** The compressed disk; `.md5` stands beside it. */
  readonly disk: string
}

const EXAMPLE_URL = 'http://example.com/image.xz'

/** Builds an image with the members of KIWI's `*.install.tar.xz`, or finds it in the cache. */
export async function kiwiImage(spec: KiwiSpec): Promise<KiwiImage> {
  const { name, variant = 'install', longNames = false } = spec
  const kernel = await debianKernel()
  const sources = ['kiwi-image.ts', 'disk-image.ts', 'gpt.ts'].map((file) =>
    fileDigest(join(import.meta.dirname, file)),
  )
  const key = [name, variant, String(longNames), ...(await initrdInputs(kernel)), ...(await Promise.all(sources))]
  const prefix = longNames ? `pxeboot.${name}` : 'pxeboot'
  const root = await cached(`kiwi-${name}`, key, async (directory) => {
    const tree = join(directory, 'tree')
    await mkdir(tree)
    const installer = await buildInitrd(kernel, variant === 'discover' ? 'discover' : 'install', {
      NAME: name,
      VARIANT: variant,
    })
    // The kernel unpacks its initrd itself and knows only this check of xz.
    await compress(join(tree, `${prefix}.initrd`), installer, ['--check=crc32'])
    await writeFile(join(tree, `${prefix}.kernel`), await readFile(kernel.vmlinuz))
    await symlink(`${prefix}.kernel`, join(tree, `${name}.kernel`))
    await writeFile(join(tree, `${name}.initrd`), await readFile(join(tree, `${prefix}.initrd.xz`)))
    await writeFile(
      join(tree, `${name}.append`),
      `rd.kiwi.install.image=${EXAMPLE_URL} console=ttyS0,115200 quiet panic=30\n`,
    )
    await packDisk(tree, name, variant, kernel)
    await pack(tree, join(directory, `${name}.install.tar.xz`))
  })
  const directory = join(root, 'tree')
  return {
    name,
    tarball: join(root, `${name}.install.tar.xz`),
    directory,
    kernel: join(directory, `${prefix}.kernel`),
    initrd: join(directory, `${prefix}.initrd.xz`),
    disk: join(directory, `${name}.xz`),
  }
}

async function packDisk(
  tree: string,
  name: string,
  variant: KiwiVariant,
  kernel: Awaited<ReturnType<typeof debianKernel>>,
): Promise<void> {
  const raw = join(tree, name)
  // An image that installs nothing still has a disk in its tarball, since KIWI knows no other.
  if (variant === 'discover') await writeFile(raw, Buffer.alloc(1024 * 1024))
  else
    await makeDiskImage({
      kernel: kernel.vmlinuz,
      initrd: await buildInitrd(kernel, 'disk', { NAME: name }),
      target: raw,
    })
  const bytes = await readFile(raw)
  const blockSize = 8192
  const sum = createHash('md5').update(bytes).digest('hex')
  await runProgram('xz', ['-1', '--threads=1', raw])
  await writeFile(join(tree, `${name}.md5`), `${sum} ${bytes.length / blockSize} ${blockSize}\n`)
}

async function compress(path: string, data: Uint8Array, options: readonly string[]): Promise<void> {
  await writeFile(path, data)
  await runProgram('xz', ['-6', '--threads=1', ...options, path])
}

/** Sorted, without owners and times: the same members give the same tarball. Packed fast, since it is packed already. */
async function pack(tree: string, tarball: string): Promise<void> {
  const plain = tarball.replace(/\.xz$/, '')
  const fixed = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mtime=@0',
    '--format=ustar',
    '--mode=u=rwX,go=rX',
  ]
  await runProgram('tar', ['-C', tree, ...fixed, '-cf', plain, '.'])
  await runProgram('xz', ['-0', '--threads=1', plain])
  await rm(plain, { force: true })
}
