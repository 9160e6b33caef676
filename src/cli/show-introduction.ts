import type { Introduction, ToldIdentifier } from '../commands/explain/introduce.ts'
import { nameOf } from '../core/host.ts'
import { describeIdentity } from '../core/identity.ts'
import type { Terminal } from './terminal.ts'
import { columns, printable } from './text.ts'

/** Prints which host a machine would be found to be, for people. */
export function showIntroduction(terminal: Terminal, introduction: Introduction): void {
  const { bold, red } = terminal.colors
  const { kind, why, identifiers, sharing, script } = introduction
  const head = { known: 'A known machine', new: 'A new machine', conflict: 'A conflict' }[kind]
  terminal.out((kind === 'conflict' ? red : bold)(`${head}: ${printable(why)}.`))
  const rows = identifiers.map((one) => [one.kind, printable(one.told), meaningOf(one)])
  for (const line of columns(['', '', ''], rows).slice(1)) terminal.out(`  ${line}`)
  if (script === undefined) {
    terminal.out('')
    return
  }
  terminal.out('\nThey share:')
  for (const { host, shares } of sharing) {
    terminal.out(`  ${printable(`${nameOf(host)}, ${describeIdentity(host)}: ${shares.join(', ')}`)}`)
  }
  terminal.out(`\n${bold('It is told so')}, until a person settles it with edit-host:`)
  for (const line of script.trimEnd().split('\n')) terminal.out(`  ${printable(line)}`.trimEnd())
}

function meaningOf({ value, hosts }: ToldIdentifier): string {
  if (value === undefined) return 'ignored: it tells no machine from another'
  return hosts.length === 0 ? 'of no host' : `of host ${hosts.join(', ')}`
}
