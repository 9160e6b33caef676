import type { Server } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Decision } from '../../core/decide.ts'

/** What a machine that asked was told to do: a decision, or that it fits several hosts, or that its identity cannot be read. */
export type Answer = Decision['kind'] | 'conflict' | 'refused'

type ErrorTeller<E> = (error: E, request: FastifyRequest, reply: FastifyReply) => FastifyReply

interface Counted {
  readonly bytesWritten: number
}

/** Counts what goes through the boot door since it was opened, at next to no cost for a request: for whoever measures. */
export class Tally {
  readonly #answers = new Map<Answer, number>()
  readonly #refusals = new Map<number, number>()
  readonly #open = new Set<Counted>()
  #closed = 0

  /** Counts the bytes of a door by its connections: what was really sent, whichever way. */
  countBytes(server: Server): void {
    server.on('connection', (socket) => {
      this.#open.add(socket)
      socket.once('close', () => {
        this.#open.delete(socket)
        this.#closed += socket.bytesWritten
      })
    })
  }

  answered(answer: Answer): void {
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1)
  }

  /** An error handler of which each answer is counted. */
  counting<E>(tell: ErrorTeller<E>): ErrorTeller<E> {
    return (error, request, reply) => {
      const told = tell(error, request, reply)
      const status = reply.statusCode
      this.#refusals.set(status, (this.#refusals.get(status) ?? 0) + 1)
      return told
    }
  }

  /** How many machines were told what. */
  get answers(): ReadonlyMap<Answer, number> {
    return this.#answers
  }

  /** How many requests were refused, by their HTTP status. */
  get refusals(): ReadonlyMap<number, number> {
    return this.#refusals
  }

  /** Bytes that went out, with all headers. */
  get bytes(): number {
    return [...this.#open].reduce((sum, { bytesWritten }) => sum + bytesWritten, this.#closed)
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open.size
  }
}
