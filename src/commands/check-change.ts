import { ProvisionError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import { settingProblems } from '../kinds/check-settings.ts'

/**
 * Checks what a change makes of settings. What was wrong before does not stand in the way of other changes: an operator mends one
 * thing at a time.
 * @throws {ProvisionError} invalid, with all that the change makes wrong
 */
export function checkChange(
  before: JsonObject,
  after: JsonObject,
  problemsOf: (settings: JsonObject) => readonly string[] = settingProblems,
): void {
  if (after === before) return
  const known = new Set(problemsOf(before))
  const problems = problemsOf(after).filter((problem) => !known.has(problem))
  const [first, ...more] = problems
  if (first === undefined) return
  throw new ProvisionError(
    'invalid',
    more.length === 0 ? first : [`${problems.length} settings are wrong`, ...problems].join('\n  '),
  )
}
