import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type Case, NICS } from './cases/case.ts'

const ROOT = join(import.meta.dirname, '../../../..')

/** The program that makes an installed ESXi what its configuration says. */
export const PROGRAM = join(ROOT, 'templates/kinds/esxi/configure')
export const USERLAND = join(ROOT, 'test/esxi-userland')

export interface Switch {
  readonly name: string
  readonly mtu: number
  readonly cdp: string
  readonly uplinks: readonly string[]
  readonly active: readonly string[]
  readonly balancing: string
  readonly security: { readonly forged: boolean; readonly mac: boolean; readonly promiscuous: boolean }
}

export interface Vmk {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly group: string
  readonly tags: readonly string[]
  readonly ipv4: {
    readonly type: string
    readonly address: string
    readonly netmask: string
    readonly peer_dns: boolean
  }
  readonly ipv6: { readonly dhcp: boolean; readonly router: boolean; readonly addresses: readonly string[] }
}

export interface SimulatedRoute {
  readonly network: string
  readonly netmask: string | number
  readonly gateway: string
  readonly source: string
}

/** The state of a simulated host, as test/esxi-userland/machine.py has it. */
export interface State {
  readonly switches: readonly Switch[]
  readonly groups: readonly { readonly name: string; readonly switch: string; readonly vlan: number }[]
  readonly vmks: readonly Vmk[]
  readonly routes: { readonly 4: readonly SimulatedRoute[]; readonly 6: readonly SimulatedRoute[] }
  readonly dns: readonly { readonly server: string; readonly source: string }[]
  readonly search: readonly string[]
  readonly host: string
  readonly domain: string
  readonly version: string
  readonly firewall: { readonly enabled: boolean; readonly rulesets: { readonly [name: string]: boolean } }
  readonly services: { readonly [name: string]: { readonly policy: boolean; readonly running: boolean } }
  readonly ntp: { readonly enabled: boolean; readonly servers: readonly string[] }
  readonly loghost: string
  readonly accounts: { readonly [name: string]: string }
  readonly permissions: { readonly [name: string]: string }
  readonly advanced: { readonly [name: string]: { readonly value: string | number } }
  readonly kernel: { readonly [name: string]: { readonly value: string } }
  readonly licence: string
  /** Daemons that were, and `host`. */
  readonly restarted: readonly string[]
  readonly files: { readonly [path: string]: { readonly mode: number; readonly text: string } }
  readonly disks: readonly {
    readonly name: string
    readonly sizeMb: number
    readonly model: string
    readonly serial?: string
    readonly boot?: boolean
    readonly wiped?: readonly string[]
    readonly partitions: readonly { readonly n: number; readonly first: number; readonly last: number }[]
  }[]
  readonly extents: readonly {
    readonly volume: string
    readonly number: number
    readonly device: string
    readonly partition: number
  }[]
  readonly backups: number
  readonly ran: readonly string[]
}

/** One run of the program: what it did, what the server heard. */
export interface Run {
  readonly ok: boolean
  readonly commands: readonly string[]
  readonly told: readonly string[]
  readonly log: readonly string[]
  readonly seconds: number
  readonly waiting: readonly string[]
}

export interface Result {
  readonly name: string
  readonly plan: { readonly commands: readonly string[]; readonly problem: string | null; readonly changed: boolean }
  readonly first: Run
  readonly second: Run
  readonly before: State
  readonly after: State
  readonly again: State
}

/** Runs all cases in one Python: starting one for each would take longer than the tests. @param python its program */
export async function simulate(cases: readonly Case[], python = 'python3'): Promise<ReadonlyMap<string, Result>> {
  const input = JSON.stringify(cases.map((each) => ({ nics: NICS, ...each })))
  const output = await new Promise<string>((resolve, reject) => {
    const options = { maxBuffer: 1 << 28 }
    const child = execFile(python, ['-B', join(USERLAND, 'prove.py'), PROGRAM], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(stderr))
    })
    child.stdin?.end(input)
  })
  const results: readonly Result[] = JSON.parse(output)
  return new Map(results.map((result) => [result.name, result]))
}

/** What the server was told, in words. */
export function words(told: readonly string[]): readonly string[] {
  return told.map((url) => {
    const query = new URL(url, 'http://server/').searchParams
    const errno = query.get('errno')
    return `${errno === '0' ? '' : `(${errno}) `}${query.get('text')}`
  })
}
