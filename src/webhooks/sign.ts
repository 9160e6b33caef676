import { createHmac, randomBytes } from 'node:crypto'
import { ProvisionError } from '../core/errors.ts'

/** Secrets and signatures as the Standard Webhooks specification 1.0.0 has them: https://www.standardwebhooks.com/. */
const PREFIX = 'whsec_'
/** How long a key may be, in bytes. */
const [LEAST, MOST] = [24, 64]

/** A new secret: 256 random bits. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/** Reads a secret that somebody brought. The refusal repeats nothing of it. @throws {ProvisionError} invalid */
export function readWebhookSecret(text: string): string {
  const key = keyOf(text)
  const isWhole = text.startsWith(PREFIX) && PREFIX + key.toString('base64') === text
  if (isWhole && key.length >= LEAST && key.length <= MOST) return text
  const rule = `${PREFIX} and the base64 of ${LEAST} to ${MOST} random bytes: "${PREFIX}$(openssl rand -base64 32)"`
  throw new ProvisionError('invalid', `the secret is not ${rule}`)
}

/** What is sent: never made anew, since the bytes that are signed are those that arrive. */
export interface Message {
  /** Of the event and its receiver, the same each time it is tried. */
  readonly id: string
  readonly body: string
}

/** The headers of one attempt. @param at in ms since 1970 */
export function signedHeaders({ id, body }: Message, secret: string, at: number): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64')
}
