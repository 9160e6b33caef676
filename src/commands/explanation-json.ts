import type { Attention } from '../core/attention.ts'
import type { Explanation } from './explain.ts'
import { hostJson } from './host-json.ts'

/**
 * What a host would get, as other programs read it.
 * @param now in ms since 1970
 * @param attention whether a person has to look at it; not of what is asked about another image
 */
export function explanationJson(explained: Explanation, now: number, attention: Attention | undefined) {
  const { host, decision, why, problems, warnings, settings, script, files } = explained
  return {
    host: hostJson(host, now, undefined, attention),
    next: {
      kind: decision.kind,
      image: decision.kind === 'install' || decision.kind === 'queue' ? decision.image.name : null,
      reason: decision.kind === 'hold' ? decision.reason : null,
      why,
    },
    problems,
    warnings,
    settings,
    template: 'template' in script ? script.template : null,
    script: 'text' in script ? script.text : null,
    scriptProblem: 'problem' in script ? script.problem : null,
    files,
  }
}
