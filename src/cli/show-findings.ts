import type { Finding, Level } from '../commands/doctor/finding.ts'
import { count } from '../core/words.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './text.ts'

const WORDS: Readonly<Record<Level, string>> = { fail: 'FAIL', warn: 'warn', note: 'note', ok: 'ok' }

/** Prints findings for a person: what is wrong with why and what mends it, what is well in one line. */
export function showFindings(terminal: Terminal, findings: readonly Finding[], showsAll: boolean): void {
  const { red, yellow, cyan, green, dim } = terminal.colors
  const paint: Readonly<Record<Level, (text: string) => string>> = { fail: red, warn: yellow, note: cyan, ok: green }
  const well = findings.filter(({ level }) => level === 'ok')
  for (const { level, id, what, why, mend } of findings) {
    if (level === 'ok') continue
    terminal.out(`${paint[level](WORDS[level].padEnd(4))}  ${printable(what)} ${dim(`[${id}]`)}`)
    terminal.out(`      ${printable(why)}`)
    if (mend !== undefined) terminal.out(`      ${dim('mend:')} ${printable(mend)}`)
  }
  if (showsAll) for (const { what, id } of well) terminal.out(`${green('ok')}    ${printable(what)} ${dim(`[${id}]`)}`)
  else terminal.out(`${green('ok')}    ${well.map(({ id }) => id).join(', ')}`)
  terminal.out(summary(findings))
}

function summary(findings: readonly Finding[]): string {
  const of = (level: Level) => findings.filter((finding) => finding.level === level).length
  const [failed, warned] = [of('fail'), of('warn')]
  const rest = warned === 0 ? '' : `; ${count(warned, 'warning')}`
  if (failed === 0) return `nothing was found that keeps machines from booting${rest}`
  return `${count(failed, 'finding')} that ${failed === 1 ? 'keeps' : 'keep'} machines from booting${rest}`
}
