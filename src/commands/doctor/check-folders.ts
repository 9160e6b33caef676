import { accessSync, constants, existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { canChangeUser, findUser } from '../../dnsmasq/system-user.ts'
import { databaseFile } from '../open-store.ts'
import type { DoctorDeps } from './deps.ts'
import { existingPart } from './existing-part.ts'
import { type Finding, fail, note, ok, warn } from './finding.ts'

const { R_OK, W_OK, X_OK } = constants

/** Whether whoever runs this may use the folders, and nobody else may change them. */
export async function checkFolders({ data, images }: Pick<DoctorDeps, 'data' | 'images'>): Promise<readonly Finding[]> {
  return [
    ...look('folder-data', 'the data folder', data),
    ...look('folder-images', 'the images folder', images),
    ...checkDatabaseFile(data),
    ...checkTftpRoot(join(data, 'ipxe')),
  ]
}

function look(id: string, what: string, folder: string): readonly Finding[] {
  const why = 'the server reads and writes it; whoever else may write there decides what machines run'
  if (!existsSync(folder)) {
    const above = existingPart(folder)
    if (mayUse(above, W_OK | X_OK))
      return [note(id, `${what} ${folder} is not there yet`, { why, mend: 'metalspray serve makes it' })]
    const what_ = `${what} ${folder} is not there, and ${above} may not be written to`
    return [fail(id, what_, { why, mend: `ls -ld ${above}; start the server as who owns it, or name another folder` })]
  }
  if (!mayUse(folder, R_OK | W_OK | X_OK)) {
    return [locked(id, `${what} ${folder}`, { why, path: folder })]
  }
  if (isOpenToAll(statSync(folder))) {
    return [warn(id, `${what} ${folder} may be written to by everybody`, { why, mend: `chmod o-w ${folder}` })]
  }
  return [ok(id, `${what} ${folder} can be read and written`, why)]
}

/** What is closed to its owner is wrong; what is closed to somebody else may be as it should, for who runs the server. */
function locked(id: string, what: string, { why, path }: { readonly why: string; readonly path: string }): Finding {
  if (statSync(path).uid === process.getuid?.()) {
    return fail(id, `${what} may not be read and written by its owner`, {
      why,
      mend: `ls -ld ${path}; chmod -R u+rwX ${path}`,
    })
  }
  const mend = `run the doctor as who runs the server: sudo metalspray doctor; when that is you: sudo chown -R "$(id -un)" ${path}`
  return warn(id, `${what} belongs to another user; whether the server may use it was not seen`, { why, mend })
}

/** The folder may be as it should, and the database in it root's, from a start with sudo. */
function checkDatabaseFile(data: string): readonly Finding[] {
  const file = databaseFile(data)
  const closed = [file, `${file}-wal`, `${file}-shm`].find((one) => existsSync(one) && !mayUse(one, R_OK | W_OK))
  const why = 'a server that may not write there cannot note what machines do'
  return closed === undefined ? [] : [locked('folder-database', `the database ${closed}`, { why, path: closed })]
}

/** dnsmasq becomes a user of its own, and gives out only what that one owns. */
function checkTftpRoot(root: string): readonly Finding[] {
  const id = 'folder-tftp'
  const why = 'dnsmasq gives out by TFTP what its own user owns, and nothing else'
  const mend = 'metalspray serve makes the folder anew when it starts'
  if (!existsSync(root)) return [note(id, `the folder for TFTP ${root} is not there yet`, { why, mend })]
  if (!canChangeUser()) return []
  const user = isWalkable(root) ? (findUser('dnsmasq') ?? findUser('root')) : findUser('root')
  const foreign = readdirSync(root).filter((name) => user !== undefined && isForeign(join(root, name), user.uid))
  if (foreign.length === 0) return [ok(id, `dnsmasq may give out what is in ${root}`, why)]
  return [warn(id, `${foreign.join(', ')} in ${root} does not belong to ${user?.name}`, { why, mend })]
}

function isForeign(path: string, uid: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  // The loaders that start machines from their disks go over HTTP alone.
  return (
    stats?.isFile() === true &&
    stats.uid !== uid &&
    /(?:pxe|^snponly-.*\.efi)$/.test(path.slice(dirname(path).length + 1))
  )
}

function isWalkable(folder: string): boolean {
  const parent = dirname(folder)
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isWalkable(parent))
}

function isOpenToAll({ mode }: Stats): boolean {
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0
}

function mayUse(path: string, how: number): boolean {
  try {
    accessSync(path, how)
    return true
  } catch {
    return false
  }
}
