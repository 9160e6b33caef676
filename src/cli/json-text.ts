import { refuse } from './settings.ts'

/**
 * Reads JSON and says where it goes wrong, in lines and columns as editors count them.
 * @throws {ProvisionError} invalid
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error)
    const what = told.replace(/,? ?(in|at|after) .*position \d+.*$/s, '').replace(/, "?\.{3}.*$/s, '')
    throw refuse(`is no JSON: ${what} at ${placeOf(text, told)}`)
  }
}

function placeOf(text: string, told: string): string {
  const position = /position (\d+)/.exec(told)?.[1]
  if (position === undefined) return 'its end'
  const before = text.slice(0, Number(position)).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}
