import { readFileSync } from 'node:fs'

/** A user of this system. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Finds a user by name, in the file that holds every package's users. */
export function findUser(name: string, passwd = readFileSync('/etc/passwd', 'utf8')): SystemUser | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((candidate) => candidate[0] === name)
  return fields === undefined ? undefined : { name, uid: Number(fields[2]), gid: Number(fields[3]) }
}
