import { createSocket } from 'node:dgram'

/** Discard: whoever listens there throws away what comes. */
const DISCARD = 9

/** Sends a byte to an address, for nothing but that this machine's system learns whose card it is. */
export async function knock(address: string): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((done) => {
    socket.on('error', () => done())
    socket.send(Buffer.of(0), DISCARD, address, () => done())
  })
  await new Promise<void>((done) => socket.close(() => done()))
}
