import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Git-ignored, and safe to delete at any time. */
export const CACHE = join(import.meta.dirname, '../../.cache/lab')

const DAY = 24 * 60 * 60 * 1000

/** A digest of several inputs, each kept apart from the next. */
export function digest(inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(createHash('sha256').update(input).digest())
  return hash.digest('hex')
}

/** The digest of a file's bytes. */
export async function fileDigest(path: string): Promise<string> {
  return digest([await readFile(path)])
}

/**
 * A folder that `make` filled, made once for these inputs. It is filled under another name and renamed, so that it is
 * whole or absent; when two runs make it at the same time, the first one to finish is believed.
 */
export async function cached(
  name: string,
  inputs: readonly (string | Uint8Array)[],
  make: (directory: string) => Promise<void>,
): Promise<string> {
  const directory = join(CACHE, `${name}-${digest(inputs).slice(0, 16)}`)
  if (await exists(directory)) return directory
  await sweep()
  // Random, not the process id: inside a lab every process has a small one.
  const staging = join(CACHE, `staging-${randomBytes(6).toString('hex')}`)
  await mkdir(staging, { recursive: true })
  try {
    await make(staging)
    await rename(staging, directory)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    if (!(await exists(directory))) throw error
  }
  return directory
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** What killed runs left. Nothing here takes a day to make, so what is older belongs to nobody. */
async function sweep(): Promise<void> {
  for (const entry of await readdir(CACHE).catch(() => [])) {
    if (!entry.startsWith('staging-')) continue
    const path = join(CACHE, entry)
    const made = await stat(path).catch(() => undefined)
    if (made && Date.now() - made.mtimeMs > DAY) await rm(path, { recursive: true, force: true })
  }
}
