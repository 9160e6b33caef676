import ms from 'ms'
import { ProvisionError } from '../core/errors.ts'

const LONGEST_WAIT = ms('1y')

/** Reads a length of time, as people write it, into ms. @throws {ProvisionError} invalid */
export function readWait(text: string): number {
  // A bare number would be milliseconds, which nobody means.
  const wait = /^[\d.\s]+[a-z]+$/i.test(text.trim()) ? ms(text.trim() as ms.StringValue) : undefined
  if (wait === undefined || !(wait >= 1000)) throw new ProvisionError('invalid', 'is not a time like 30m, 2h or 3d')
  if (wait > LONGEST_WAIT) throw new ProvisionError('invalid', 'is longer than a year')
  return Math.round(wait)
}
