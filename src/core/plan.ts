import { ProvisionError } from './errors.ts'
import { quoted } from './identity.ts'

/** The images still to be applied to a host, in order, and the state after the last one. */
export interface Plan {
  readonly images: readonly string[]
  readonly end: 'new' | 'finished'
}

/** The plan that `serve --discover` gives to new machines. */
export const DISCOVER: Plan = { images: ['discover'], end: 'new' }

/** Words that KIWIspray's states already mean something by; none can name an image. */
const RESERVED = new Set(['new', 'finished', 'failed', 'assigned', 'installing'])
const LONGEST_PLAN = 32

/**
 * An image's name is a directory's name, a part of URLs and of kernel command lines, and a state in KIWIspray's lists.
 * @throws {ProvisionError} invalid
 */
export function readImageName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/.test(text)) {
    throw new ProvisionError('invalid', `${quoted(text)} cannot name an image (letters, digits, . _ + - only)`)
  }
  if (RESERVED.has(text)) throw new ProvisionError('invalid', `${text} is the name of a state; it cannot name an image`)
  return text
}

/**
 * Reads a plan as `edit-host -s` takes it: `wipe,esxi8`. A last word `new` or `finished` says what follows the last image.
 * @throws {ProvisionError} invalid
 */
export function parsePlan(text: string): Plan {
  const words = text.split(',').map((word) => word.trim())
  const last = words.at(-1)
  const end = last === 'new' ? 'new' : 'finished'
  const images = last === 'new' || last === 'finished' ? words.slice(0, -1) : words
  if (images.length > LONGEST_PLAN) throw new ProvisionError('invalid', `a plan has at most ${LONGEST_PLAN} images`)
  return { images: images.map(readImageName), end }
}

/** Prints a plan so that {@link parsePlan} reads it again; nothing for a plan without images, which plans nothing. */
export function formatPlan(plan: Plan): string {
  return plan.images.length === 0 ? '' : [...plan.images, ...(plan.end === 'new' ? ['new'] : [])].join(',')
}
