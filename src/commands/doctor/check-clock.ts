import { statSync } from 'node:fs'
import { databaseFile } from '../open-store.ts'
import type { DoctorDeps } from './deps.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const WHY =
  'machines take their time from this one, certificates hold between two dates, and events are told by the clock'
const MEND = 'timedatectl set-ntp true && timedatectl'
/** metalspray is not older than that. */
const EARLIEST = Date.UTC(2025, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)
/** A clock that is set right by a few minutes is no trouble. */
const TOLERANCE_MS = 10 * 60_000

/** Whether the clock can be right: not before this program, nor before the files that it has written. */
export async function checkClock({ data, now }: Pick<DoctorDeps, 'data' | 'now'>): Promise<readonly Finding[]> {
  const at = now()
  const date = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  if (at < EARLIEST || at > LATEST) {
    return [fail('clock', `the clock says ${date} UTC, which cannot be`, { why: WHY, mend: MEND })]
  }
  const written = statSync(databaseFile(data), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (written > at + TOLERANCE_MS) {
    const later = new Date(written).toISOString().slice(0, 16).replace('T', ' ')
    const what = `the clock says ${date} UTC, and the database was written at ${later}: it went back`
    return [warn('clock', what, { why: WHY, mend: MEND })]
  }
  return [ok('clock', `the clock says ${date} UTC`, WHY)]
}
