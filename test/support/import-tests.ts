import { globSync } from 'node:fs'
import { join } from 'node:path'

const TESTS = join(import.meta.dirname, '..')

/**
 * Runs all test files below folders of `test/` in this one process, one after the other: loading the same modules for each of them takes
 * longer than most of these tests do. They may not change what belongs to the process, and have no hooks outside of suites.
 *
 * @throws {Error} when there are none in a folder
 */
export async function importTests(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const files = globSync(`${folder}/**/*.test.ts`, { cwd: TESTS }).sort()
    if (files.length === 0) throw new Error(`there are no tests in test/${folder}`)
    for (const file of files) await import(join(TESTS, file))
  }
}
