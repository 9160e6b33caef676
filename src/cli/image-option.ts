import { readImageName } from '../core/plan.ts'
import { refuse } from './settings.ts'

/** Reads `--image NAME`. @throws {ProvisionError} invalid, for what cannot name one */
export function readImage(text: string): string {
  try {
    return readImageName(text)
  } catch {
    throw refuse('cannot name an image')
  }
}
