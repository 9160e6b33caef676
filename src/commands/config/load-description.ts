import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { readHostConfig } from '../../core/config/read-config.ts'
import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { fileError } from '../../images/file-errors.ts'
import { hashPasswords } from './hash-passwords.ts'
import { type Description, type Files, readDescription } from './read-description.ts'

/** Far more than a description of a host is, in bytes. */
const LARGEST = 1 << 20
/** More files than any config drive has that is one. */
const MOST_FILES = 100

/**
 * Reads what a host is to be, in whatever form, from a file or a folder. Clear passwords are hashes from here on.
 * @param shown what the operator calls it
 * @throws {ProvisionError} not-found; invalid, in words that say which part of which file is wrong
 */
export async function loadDescription(path: string, shown = path): Promise<Description> {
  return takeDescription(await filesAt(path, shown))
}

/**
 * Reads the same from files that are at hand already.
 * @throws {ProvisionError} invalid, in words that say which part of which file is wrong
 */
export function takeDescription(files: Files): Description {
  const read = readDescription(files)
  const { config, warnings } = hashPasswords(read.config)
  // Read once to be judged; what is kept is what was written.
  readHostConfig([config])
  return { form: read.form, config, warnings: [...read.warnings, ...warnings] }
}

async function filesAt(path: string, shown: string): Promise<Files> {
  try {
    if (!(await stat(path)).isDirectory()) return new Map([[basename(path), await textOf(path)]])
    const entries = await readdir(path, { withFileTypes: true, recursive: true })
    const names = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    if (names.length > MOST_FILES) {
      throw new ProvisionError(
        'invalid',
        `${quoted(shown)} has ${names.length} files: a description of a host has a few`,
      )
    }
    return new Map(
      await Promise.all(names.sort().map(async (name) => [relative(path, name), await textOf(name)] as const)),
    )
  } catch (error) {
    throw fileError(error, quoted(shown))
  }
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path)
  if (bytes.length > LARGEST)
    throw new ProvisionError('invalid', `${quoted(path)} is too large for a description of a host`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ProvisionError('invalid', `${quoted(path)} is no text in UTF-8`)
  }
}
