import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { requireLab } from '../lab-process.ts'
import type { Network } from '../network.ts'
import { cloudInitPackages } from './packages.ts'

/** A machine on which cloud-init runs for the first time. */
export interface FirstBoot {
  /** Where its cards are; its first one is `eth0`. */
  readonly network: Network
  /** The kernel's command line. */
  readonly cmdline: string
  /** What lies in `/var/lib/cloud/seed`, by path. */
  readonly seed?: { readonly [file: string]: string }
  /** Lines of shell: the start of the system, in which `show NAME COMMAND …` puts what a command says under a name. */
  readonly script: string
}

const SHOW = `show() { printf '\\n=== %s\\n' "$1"; shift; "$@" 2>&1; }
`

/** Starts such a machine and gives what it showed, by name, and all that it said. */
export async function firstBoot({ network, cmdline, seed = {}, script }: FirstBoot) {
  const folder = await mkdtemp(join(requireLab(), 'cloud-init-'))
  await mkdir(join(folder, 'place'))
  await writeFile(join(folder, 'cmdline'), cmdline)
  // However it ends, what it said is wanted.
  await writeFile(join(folder, 'script'), `exec 2>&1\n${SHOW}(\n${script}\n)\nshow code echo $?\n`)
  for (const [file, content] of Object.entries(seed)) {
    const path = join(folder, 'seed', file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  const own = ['--mount', '--uts', '--pid', '--fork', '--kill-child']
  const start = join(import.meta.dirname, 'machine.sh')
  const args = [...own, 'sh', start, join(folder, 'place'), await cloudInitPackages(), join(folder, 'script')]
  const said = await network.run('unshare', args)
  const shown = new Map<string, string>()
  for (const part of said.split('\n=== ').slice(1)) {
    const end = part.indexOf('\n')
    shown.set(part.slice(0, end), part.slice(end + 1).trim())
  }
  return { said, shown: (name: string) => shown.get(name) ?? `nothing was shown as ${name}:\n${said}` }
}
