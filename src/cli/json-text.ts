import { refuse } from './settings.ts'

/**
 * Reads JSON and says where it goes wrong, in lines and columns as editors count them.
 * @throws {ProvisionError} invalid
 */
export function parseJson(text: string): unknown {
  const bare = text.replace(/^\ufeff/, '')
  try {
    return JSON.parse(bare)
  } catch (error) {
    throw refuse(describe(bare, messageOf(error)))
  }
}

function describe(text: string, told: string): string {
  const what = told.replace(/,? ?(in|at|after) .*position \d+.*$/s, '').replace(/, (?:\.\.\.)?".*$/s, '')
  return `is no JSON: ${what} at ${placeOf(text, told)}`
}

/** What V8 says of a text that is no JSON. */
function complaintOf(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function placeOf(text: string, told: string): string {
  if (isCutOff(text, told)) return 'its end'
  const position = positionIn(told) ?? findToken(text)
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function positionIn(told: string): number | undefined {
  const position = /position (\d+)/.exec(told)?.[1]
  return position === undefined ? undefined : Number(position)
}

/** V8 names no place for a token that cannot stand where it is: it is the last of the shortest beginning that is wrong. */
function findToken(text: string): number {
  let [good, bad] = [0, text.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const told = complaintOf(text.slice(0, middle))
    if (told === undefined || isCutOff(text.slice(0, middle), told)) good = middle
    else bad = middle
  }
  return bad - 1
}

/** Whether nothing is wrong with a text but that it ends too early. */
function isCutOff(text: string, told: string): boolean {
  return told.startsWith('Unexpected end') || positionIn(told) === text.length
}
