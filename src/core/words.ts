/** `1 host`, `2 hosts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

function stepOf(bytes: number): number {
  return Math.min(bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
}

/** @param whole from which value on tenths say nothing more */
function inUnit(bytes: number, step: number, whole: number): string {
  const value = bytes / 1000 ** step
  return step === 0 || value >= whole || value === 0 ? String(Math.round(value)) : value.toFixed(1)
}

/** Bytes as people say them: `1.2 GB`, `44.7 MB`. */
export function sizeText(bytes: number): string {
  const step = stepOf(bytes)
  return `${inUnit(bytes, step, 100)} ${UNITS[step]}`
}

/** Bytes of something that changes while it is read: `4.5 MB`, `45 MB`. */
export function roughSizeText(bytes: number): string {
  const step = stepOf(bytes)
  return `${inUnit(bytes, step, 10)} ${UNITS[step]}`
}

/** So many bytes of all, in one unit: `280 of 612 MB`. */
export function partText(bytes: number, total: number): string {
  const step = stepOf(total)
  return `${inUnit(bytes, step, 10)} of ${inUnit(total, step, 10)} ${UNITS[step]}`
}

/** From which on a unit says enough, in ms, and how long one of it is. */
const STEPS = [
  [3 * 86_400_000, 86_400_000, 'd'],
  [2 * 3_600_000, 3_600_000, 'h'],
  [2 * 60_000, 60_000, 'min'],
  [0, 1000, 's'],
] as const

/** A span in ms in one unit, never rounded by much: `45 s`, `90 s`, `3 min`, `36 h`. */
export function spanText(ms: number): string {
  const [, unit, name] = STEPS.find(([least]) => ms >= least) ?? STEPS[3]
  return `${Math.max(0, Math.round(ms / unit))} ${name}`
}

/** How long ago, as people say it. @param then in ms since 1970; `undefined` for never */
export function agoText(then: number | undefined, now: number): string {
  if (then === undefined) return 'never'
  return now - then < 2000 ? 'just now' : `${spanText(now - then)} ago`
}
