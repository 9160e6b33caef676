import type { MadeFile } from '../../../commands/explain/explanation.ts'
import type { ExplainedSetting, Explanation } from '../../../commands/explain.ts'
import { describeDecision } from '../../../core/decide.ts'
import type { Limit } from '../../../core/limit.ts'
import { formatValue } from '../../../core/setting.ts'
import type { UsedTemplate } from '../../../render/templates.ts'

/** What a host would get now. */
export function nextOf(explained: Explanation, made: readonly MadeFile[]) {
  const { decision, why, problems, warnings, script, settings, limits, image } = explained
  const does = problems.length > 0 && decision.kind === 'hold' ? 'is held' : describeDecision(decision)
  return {
    sentence: `At its next boot it ${does}: ${why}.`,
    level: problems.length > 0 || decision.kind === 'hold' ? 'act' : warnings.length > 0 ? 'look' : '',
    problems,
    warnings,
    scriptProblem: 'problem' in script ? script.problem : '',
    files: made.map(fileView),
    limits: limits.map(limitView),
    image: image === undefined ? '' : [image.name, image.kind, image.label].filter(Boolean).join(', '),
    settings: settings.map((one) => ({
      path: one.path,
      value: formatValue(one.value),
      from: FROM[one.from](image?.name ?? ''),
    })),
  }
}

const FROM: { readonly [P in ExplainedSetting['from']]: (image: string) => string } = {
  host: () => 'this host',
  image: (image) => `image ${image}`,
  'image.json': (image) => `image.json of ${image}`,
  server: () => 'all hosts',
}

function fileView(file: MadeFile) {
  if ('problem' in file) return { name: file.name, size: '', sha256: '', problem: file.problem, templates: '' }
  const { name, size, sha256, templates } = file
  return { name, size: `${size} bytes`, sha256, problem: '', templates: templates.map(templateText).join(', ') }
}

const OWNERS: { readonly [F in UsedTemplate['from']]: string } = {
  image: "the image's own ",
  operator: "the operator's ",
  'built-in': '',
}

function templateText({ name, from }: UsedTemplate): string {
  return `${OWNERS[from]}${name}`
}

function limitView({ what, value, most, unit }: Limit) {
  // A meter cannot show what is below nothing.
  return { what, value: Math.max(0, value), most, unit, isOver: value > most }
}
