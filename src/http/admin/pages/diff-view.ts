import {
  type BootDiff,
  type DiffDeps,
  diffBoots,
  type FileDiff,
  type SettingDiff,
  tryDiff,
} from '../../../commands/explain/diff-boots.ts'
import type { Explanation } from '../../../commands/explain.ts'
import { formatValue } from '../../../core/setting.ts'

/** What differs between a host's next boot and another one, ready to be printed. @param other empty for nothing */
export async function diffView(deps: DiffDeps, explained: Explanation, other: string) {
  const found = other === '' ? undefined : await tryDiff(() => diffBoots(deps, explained, { other }))
  if (found === undefined) return { other, problem: '', found: undefined }
  if ('problem' in found) return { other, problem: found.problem, found: undefined }
  return { other, problem: '', found: foundView(found) }
}

function foundView({ there, here, settings, files, same }: BootDiff) {
  return {
    there,
    here,
    settings: settings.map((one) => ({ path: one.path, there: valueText(one.there), here: valueText(one.here) })),
    files: files.map(fileView),
    same: same.join(', '),
  }
}

function valueText(placed: SettingDiff['here']): string {
  return placed === undefined ? 'not set' : formatValue(placed.value)
}

const CHANGES: { readonly [C in FileDiff['change']]: string } = {
  changed: 'differs',
  'only-here': 'is only in this boot',
  'only-there': 'is only in the other one',
}

function fileView({ name, change, patch }: FileDiff) {
  // The two lines of titles say what stands above them already.
  const lines = patch.trimEnd().split('\n').slice(2)
  return { name, change: CHANGES[change], lines: lines.map((text) => ({ text, mark: text.slice(0, 1) })) }
}
