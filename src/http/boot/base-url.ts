import type { FastifyRequest } from 'fastify'
import { remembered } from '../../core/remember.ts'

/** Where a machine reached this server. */
export interface Place {
  readonly base: string
  /** As URLs have it: IPv6 in brackets. */
  readonly address: string
  readonly port: number
}

/**
 * The server's address as this machine reached it: that of its own end of the connection, so that a server in five lab networks
 * needs no setting. Never the Host header: firmware leaves out the port there, and anybody can write what he likes.
 * @param baseUrl the operator's setting, which wins
 */
export function placeOf(request: FastifyRequest, baseUrl: string | undefined): Place {
  if (baseUrl !== undefined) {
    const { hostname, port, protocol } = new URL(baseUrl)
    const usual = protocol === 'https:' ? 443 : 80
    return { base: baseUrl.replace(/\/+$/, ''), address: hostname, port: port === '' ? usual : Number(port) }
  }
  const { localAddress = '127.0.0.1', localPort: port = 0 } = request.socket
  const address = addressInUrls(localAddress)
  return { base: `http://${address}:${port}`, address, port }
}

const addressInUrls = remembered((ofSocket) => {
  // An IPv4 address of a socket for both, and the zone of a link-local one, which means something to this machine alone.
  const plain = ofSocket.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  return plain.includes(':') ? `[${plain}]` : plain
})
