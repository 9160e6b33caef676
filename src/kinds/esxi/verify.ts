import type { Image } from '../../core/image.ts'
import { eachAtOnce } from '../../images/at-once.ts'
import type { ReadHead } from '../kind.ts'

/** What a gzip file begins with (RFC 1952). */
const GZIP = [0x1f, 0x8b]

/**
 * What stands in for a module without a byte in it, as those of 6.5 are: a gzip file of nothing, 20 bytes. To BIOS loaders an empty
 * file is one that is not there; UEFI takes either.
 */
export const EMPTY_GZIP = Buffer.from([...GZIP, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/** Files of which the beginning is read at the same time. */
const AT_ONCE = 16

/** Looks whether the kernel and all modules are gzip files, as every release of mboot takes them; an empty module is none and is fine. */
export async function verifyModules(parts: Image['parts'], readHead: ReadHead): Promise<readonly string[]> {
  const files = [...new Set([...(parts['kernel'] ?? []), ...(parts['modules'] ?? [])])]
  const wrong = new Set<string>()
  await eachAtOnce(files, AT_ONCE, async (file) => {
    const head = await readHead(file, GZIP.length)
    const isEmpty = head.length === 0 && parts['kernel']?.includes(file) !== true
    if (!isEmpty && !GZIP.every((byte, index) => head[index] === byte)) wrong.add(file)
  })
  if (wrong.size === 0) return []
  const are = wrong.size === 1 ? 'this is no gzip file' : `these ${wrong.size} are no gzip files`
  return [
    `the kernel and all modules of ESXi are gzip files, and ${are}: ${files.filter((file) => wrong.has(file)).join(', ')}`,
  ]
}
