import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** One request that came to a receiver. */
export interface Received {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly json: any
}

export interface Receiver {
  readonly url: string
  readonly port: number
  readonly received: readonly Received[]
  /** What it answers from now on: a status, or whatever a test does with the answer, also nothing. */
  answers: number | ((response: ServerResponse, received: Received) => void)
  /** Waits until so many requests have come in all. */
  until(count: number): Promise<readonly Received[]>
  close(): Promise<void>
}

/** A real receiver of webhooks on loopback. */
export async function receiver(t: Pick<TestContext, 'after'>, port = 0): Promise<Receiver> {
  const received: Received[] = []
  let changed = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method, url: path, headers } = request
    const one = { method, path, headers, body, json: JSON.parse(body) }
    received.push(one)
    changed.resolve()
    changed = Promise.withResolvers()
    if (typeof here.answers === 'function') here.answers(response, one)
    else response.writeHead(here.answers).end()
  })
  const close = async () => {
    server.closeAllConnections()
    if (server.listening) await new Promise((done) => server.close(done))
  }
  t.after(close)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const taken = (server.address() as AddressInfo).port
  const here: Receiver = {
    ...{ url: `http://127.0.0.1:${taken}/`, port: taken, received, answers: 204, close },
    until: async (count) => {
      while (received.length < count) await changed.promise
      return received
    },
  }
  return here
}

/** Whether the signature of a delivery is that of the secret, as the specification of Standard Webhooks says it. */
export function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}
