/** `1 host`, `2 hosts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as people say them: `1.2 GB`. */
export function sizeText(bytes: number): string {
  const step = Math.min(bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const value = bytes / 1000 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`
}

const STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** A span in ms in the one unit that says most: `45 s`, `3 min`, `2 h`. */
export function spanText(ms: number): string {
  const [step, unit] = STEPS.find(([least]) => ms >= least) ?? [1000, 's']
  return `${Math.max(0, Math.round(ms / step))} ${unit}`
}

/** How long ago, as people say it. @param then in ms since 1970; `undefined` for never */
export function agoText(then: number | undefined, now: number): string {
  if (then === undefined) return 'never'
  return now - then < 2000 ? 'just now' : `${spanText(now - then)} ago`
}
