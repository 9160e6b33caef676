import { existsSync } from 'node:fs'
import { ProvisionError } from '../../core/errors.ts'
import { quickCheck } from '../../store/quick-check.ts'
import { databaseFile } from '../open-store.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, note, ok } from './finding.ts'

/** Whether the database opens and is whole. Nothing is written, nothing brought to a newer version. */
export async function checkDatabase(
  { data }: Pick<DoctorDeps, 'data'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const id = 'database'
  const why = 'it holds every host, its plan and its history; without it no machine gets an answer'
  const file = databaseFile(data)
  if (!existsSync(file)) {
    return [
      note(id, `there is no database ${file} yet`, {
        why,
        mend: 'metalspray serve makes it; --data names another folder',
      }),
    ]
  }
  const restore = `stop the server and put a backup in its place (docs/cli.md, backup): ${file}`
  try {
    const { faults, version, newest } = await quickCheck(file, signal)
    const [first] = faults
    if (first !== undefined) {
      return [fail(id, `the database ${file} is damaged: ${first}`, { why, mend: restore })]
    }
    if (version > newest) {
      const what = `the database is of version ${version}, this metalspray knows up to ${newest}`
      return [fail(id, what, { why, mend: 'use the metalspray that wrote it, or a newer one' })]
    }
    return [ok(id, `the database ${file} is whole`, why)]
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return [fail(id, error.message, { why, mend: restore })]
  }
}
