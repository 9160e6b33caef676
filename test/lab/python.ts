import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

/** Debian's, whatever else is first in PATH: it is linked with Debian's libraries. */
const PYTHON = '/usr/bin/python3'
const GATHER = join(import.meta.dirname, 'gather-python.py')

/** Which programs a Python is for. */
export interface PythonUse {
  readonly folders: readonly string[]
  /** Of these folders. */
  readonly modules: readonly string[]
}

/** What decides the bytes of {@link pythonFiles}, beside the programs. */
export async function pythonInputs(): Promise<readonly (string | Uint8Array)[]> {
  return [await python('-VV'), await readFile(GATHER), await readFile(import.meta.filename)]
}

/** A Python for an initrd that can run these programs: the interpreter, its libraries, what of the standard library they need. */
export async function pythonFiles(use: PythonUse, scratch: string): Promise<Readonly<Record<string, Uint8Array>>> {
  await python('-I', '-S', GATHER, scratch, use.folders.join(':'), ...use.modules)
  return await readTree(scratch)
}

/** All files below a folder, by their path in it. */
export async function readTree(folder: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const files = paths.sort().map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)
  return Object.fromEntries(await Promise.all(files))
}

async function python(...args: readonly string[]): Promise<string> {
  return await runProgram(PYTHON, args).catch((error: unknown) => {
    throw new Error(`${PYTHON} failed; the lab needs Debian's: sudo apt-get install python3`, { cause: error })
  })
}
