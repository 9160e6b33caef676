import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileError } from '../images/file-errors.ts'
import type { Store } from '../store/store.ts'

const PREFIX = '.backup-'
/** What is older was left by a server that was killed in the midst of it, in ms. */
const LEFT = 60 * 60 * 1000

/**
 * Makes a consistent copy of the database to be read once. Its file has no name any more when this is done, so that it is gone with its last
 * reader, whatever becomes of this process.
 * @param data the data folder, where there is room for it
 * @throws {ProvisionError} unavailable
 */
export async function openBackup(
  store: Pick<Store, 'backup'>,
  data: string,
): Promise<{ readonly stream: Readable; readonly size: number }> {
  try {
    await sweep(data)
    const folder = await mkdtemp(join(data, PREFIX))
    try {
      const file = join(folder, 'metalspray.sqlite')
      await store.backup(file)
      const handle = await open(file)
      const { size } = await handle.stat()
      return { stream: handle.createReadStream(), size }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    throw fileError(error, 'the backup')
  }
}

async function sweep(data: string): Promise<void> {
  for (const name of await readdir(data)) {
    if (!name.startsWith(PREFIX)) continue
    const { mtimeMs } = await stat(join(data, name))
    if (Date.now() - mtimeMs > LEFT) await rm(join(data, name), { recursive: true, force: true })
  }
}
