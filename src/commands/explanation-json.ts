import type { Attention } from '../core/attention.ts'
import type { MadeFile } from './explain/explanation.ts'
import type { Introduction } from './explain/introduce.ts'
import type { Explanation } from './explain.ts'
import { hostJson } from './host-json.ts'

/** What is said of a host beside what it would get. */
export interface ExplanationFacts {
  /** In ms since 1970. */
  readonly now: number
  /** Whether a person has to look at it; not of what is asked about another image. */
  readonly attention: Attention | undefined
  /** Its files. */
  readonly made: readonly MadeFile[]
}

/** What a host would get, as other programs read it. */
export function explanationJson(explained: Explanation, { now, attention, made }: ExplanationFacts) {
  const { host, decision, why, problems, warnings, settings, script, files, limits } = explained
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
    made: made.map(madeJson),
    limits,
  }
}

function madeJson(file: MadeFile) {
  return 'problem' in file
    ? { name: file.name, size: null, sha256: null, templates: [], problem: file.problem }
    : { ...file, problem: null }
}

/** Which host a machine would be found to be, as other programs read it. @param explained what its host would get; of nobody in a conflict */
export function introductionJson(
  { kind, why, identifiers, sharing, script }: Introduction,
  explained: ReturnType<typeof explanationJson> | undefined,
) {
  return {
    match: {
      kind,
      why,
      hosts: sharing.map(({ host, shares }) => ({ id: host.id, name: host.hostname ?? null, shares })),
    },
    identifiers: identifiers.map((one) => ({ ...one, value: one.value ?? null })),
    conflictScript: script ?? null,
    explained: explained ?? null,
  }
}
