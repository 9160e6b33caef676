import { isIP } from 'node:net'
import { refuse } from './settings.ts'

/** @throws {ProvisionError} invalid */
export function readListenAddress(text: string): string {
  const isName = /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text)
  if (isIP(text) === 0 && !isName) throw refuse('is not an address')
  return text
}
