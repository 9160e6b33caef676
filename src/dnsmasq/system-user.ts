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

/**
 * Whether a program that we start can become another user: root can, but not the one that a normal user plays in a user
 * namespace of his own, where the kernel denies `setgroups`.
 */
export function canChangeUser(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    return readFileSync('/proc/self/setgroups', 'utf8').trim() !== 'deny'
  } catch {
    return true // a system without user namespaces
  }
}
