import type { FastifyInstance, FastifyReply } from 'fastify'

/** How often it is looked whether those who are being answered may still be, in ms. */
const EVERY = 5000

/**
 * Ends answers that go on for long, live events above all, when whoever asked for them may not have them any more: his token was revoked, his
 * session is over. What is answered at once was looked at when it was asked for.
 */
export class LongAnswers {
  readonly #running = new Map<FastifyReply, () => Promise<boolean>>()

  /** @param every in ms; a test does not wait for the usual time */
  constructor(app: FastifyInstance, every: number = EVERY) {
    const timer = setInterval(() => void this.#look(), every)
    timer.unref()
    app.addHook('onClose', async () => clearInterval(timer))
  }

  /** @param mayGoOn is asked now and then until the answer is sent */
  watch(reply: FastifyReply, mayGoOn: () => Promise<boolean>): void {
    this.#running.set(reply, mayGoOn)
    reply.raw.once('close', () => this.#running.delete(reply))
  }

  async #look(): Promise<void> {
    for (const [reply, mayGoOn] of [...this.#running]) {
      // What cannot be known now is known the next time.
      if (!(await mayGoOn().catch(() => true))) reply.raw.destroy()
    }
  }
}
