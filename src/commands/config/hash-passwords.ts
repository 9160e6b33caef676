import { randomBytes } from 'node:crypto'
import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts'
import { checkRootPassword, hashRootPassword } from '../../kinds/esxi/password.ts'

/** A description in which every `password` of root and of users is a `passwordHash`, and what was wrong with weak ones. */
export interface Hashed {
  readonly config: JsonObject
  readonly warnings: readonly string[]
}

/**
 * Makes hashes of the clear passwords that other forms of metadata hold, which are kept nowhere.
 * @throws {ProvisionError} invalid, for a password that no system should have; nothing of it is repeated
 */
export function hashPasswords(config: JsonObject): Hashed {
  const warnings: string[] = []
  const { root, users } = config
  const hashed = {
    ...config,
    ...(root === undefined ? {} : { root: hashLogin(root, 'root', warnings) }),
    ...(Array.isArray(users) ? { users: users.map((user: Json) => hashLogin(user, nameOf(user), warnings)) } : {}),
  }
  return { config: hashed, warnings }
}

function nameOf(user: Json): string {
  return isJsonObject(user) && typeof user['name'] === 'string' ? user['name'] : 'a user'
}

function hashLogin(login: Json, whose: string, warnings: string[]): Json {
  if (!isJsonObject(login)) return login
  const { password, ...rest } = login
  if (password === undefined || password === null) return login
  if (typeof password !== 'string') throw new ProvisionError('invalid', `the password of ${whose} must be a text`)
  try {
    for (const advice of checkRootPassword(password)) warnings.push(`the password of ${whose} is weak: ${advice}`)
    return { ...rest, passwordHash: hashRootPassword(password, randomBytes(12)) }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new ProvisionError('invalid', error.message.replace('the root password', `the password of ${whose}`))
  }
}
