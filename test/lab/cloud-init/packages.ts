import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cached } from '../cache.ts'
import { runProgram } from '../run-program.ts'

/** What a Debian with cloud-init has, beside its basic system: who applies networks, names of time servers, keys. */
const WANTED = [
  'cloud-init',
  'netplan.io',
  'ifupdown',
  'ifenslave',
  'vlan',
  'openssh-client',
  'systemd-timesyncd',
  'sudo',
]

/** What of their dependencies is not in every Debian; the rest is that of this machine. */
const BESIDE = /^(?:python3-(?!minimal$|distutils$|lib2to3$).+|libnetplan.+|libyaml-0-2|libglib2\.0-0.*)$/

const ONLY = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((what) => `--no-${what}`)

/**
 * Unpacks Debian's cloud-init, once. It is not installed: its services would take this machine for one that they are to set up.
 * @throws {Error} when they are not there yet and there is no way out to fetch them, as inside a lab
 */
export async function cloudInitPackages(): Promise<string> {
  const policy = await runProgram('apt-cache', ['policy', 'cloud-init'])
  const listed = await runProgram('apt-cache', ['depends', '--recurse', ...ONLY, ...WANTED])
  const found = listed.split('\n').filter((line) => BESIDE.test(line))
  const names = [...new Set([...WANTED, ...found])].toSorted()
  const version = /Candidate: (\S+)/.exec(policy)?.[1] ?? 'none'
  return await cached('cloud-init', [version, ...names], async (directory) => {
    const debs = join(directory, 'debs')
    await mkdir(debs)
    await runProgram('apt-get', ['download', '-q', ...names], { cwd: debs }).catch((error: unknown) => {
      throw new Error('fetch cloud-init first, where there is a network: node test/lab/cloud-init/packages.ts', {
        cause: error,
      })
    })
    for (const name of ['lib', 'bin', 'sbin']) {
      await mkdir(join(directory, 'usr', name), { recursive: true })
      await symlink(`usr/${name}`, join(directory, name))
    }
    for (const deb of await readdir(debs)) await runProgram('sh', ['-c', UNPACK, 'unpack', join(debs, deb), directory])
    await rm(debs, { recursive: true })
  })
}

/** Old packages have folders where links lead into /usr by now. */
const UNPACK = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --no-same-owner \
  --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await cloudInitPackages()
