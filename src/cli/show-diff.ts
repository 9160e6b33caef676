import type { BootDiff, FileDiff, SettingDiff } from '../commands/explain/diff-boots.ts'
import { formatValue } from '../core/setting.ts'
import { count } from '../core/words.ts'
import type { Terminal } from './terminal.ts'
import { columns, printable } from './text.ts'

/** Prints what differs between two boots, for people. */
export function showDiff(terminal: Terminal, diff: BootDiff): void {
  const { out, colors } = terminal
  const { there, here, settings, files, same } = diff
  out(colors.bold(printable(`${here} against ${there}`)))
  if (settings.length > 0) {
    out('\nSettings that differ:')
    const rows = settings.map((one) => [printable(one.path), valueText(one.there), valueText(one.here)])
    for (const line of columns(['', printable(there), printable(here)], rows)) out(`  ${line}`)
  }
  out(`\n${count(files.length, 'file')} that ${files.length === 1 ? 'differs' : 'differ'}, ${same.length} the same.`)
  for (const file of files) showFile(terminal, file)
}

function valueText(placed: SettingDiff['here']): string {
  return placed === undefined ? 'not set' : printable(formatValue(placed.value))
}

const WHERE: { readonly [C in FileDiff['change']]: string } = {
  changed: 'differs, in more than can be shown',
  'only-here': 'is only in this boot',
  'only-there': 'is only in the other one',
}

function showFile({ out, colors }: Terminal, { name, change, patch }: FileDiff): void {
  out('')
  if (patch === '') {
    out(`${printable(name)} ${WHERE[change]}`)
    return
  }
  for (const line of patch.trimEnd().split('\n')) {
    const shown = line.replace(/[^\t]+/g, printable)
    out(line.startsWith('+') ? colors.green(shown) : line.startsWith('-') ? colors.red(shown) : shown)
  }
}
