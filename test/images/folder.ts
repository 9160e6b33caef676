import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** A folder that is gone when the test is. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'metalspray-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files below a folder, which are given by their relative names. */
export async function fill(folder: string, files: { readonly [name: string]: string | Uint8Array }): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

/** Everything below a folder, dotfiles too, sorted. */
export async function listAll(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort()
}

/** The files of the smallest directory that is an image. */
export const LINUX = { vmlinuz: 'kernel', initrd: 'initrd' }
