import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'

/** The one file in the data folder that everything is kept in. */
export function databaseFile(data: string): string {
  return join(data, 'metalspray.sqlite')
}

/**
 * Opens the store of a data folder, making both when there are none.
 * @throws {ProvisionError} unavailable, conflict
 */
export function makeStore(data: string): Store {
  return openSqliteStore(databaseFile(data))
}

/**
 * Opens the store of a data folder that the server has used before. A command typed in the wrong folder must not leave an
 * empty database behind and then say that no host is known.
 * @throws {ProvisionError} not-found, when there is none; unavailable, conflict
 */
export function openStore(data: string): Store {
  const file = databaseFile(data)
  if (!existsSync(file)) {
    throw new ProvisionError(
      'not-found',
      `there is no database ${file}; \`metalspray serve\` makes it, and --data names another folder`,
    )
  }
  return openSqliteStore(file)
}
