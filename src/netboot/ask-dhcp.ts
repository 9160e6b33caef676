import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProvisionError } from '../core/errors.ts'
import { type BootAnswer, readAnswer } from './boot-answer.ts'
import { type DhcpPacket, formatDhcp, parseDhcp } from './dhcp-packet.ts'
import { discover, type Firmware, requestBootFile } from './firmware.ts'

/** How DHCP is asked. */
export interface AskSettings {
  /** This machine's own address on the network. */
  readonly address: string
  readonly firmwares: readonly Firmware[]
  /** How long answers are waited for, in ms. Some servers first try for three seconds whether an address is free. */
  readonly waitMs: number
  /** Any number, from which those of the packets are counted. */
  readonly xid: number
  readonly signal: AbortSignal
}

const EVERYBODY = '255.255.255.255'
const CLIENT = 68
const SERVER = 67
/** Where proxy DHCP servers are asked again by those who have an address. */
const PROXY = 4011
/** It is asked so many times: packets get lost. */
const TIMES = 2

/**
 * Asks all DHCP servers of a network, as machines do before they have an address, and takes nothing: no offer is accepted.
 *
 * By an ordinary socket on port 68, bound to our address, which makes Linux send the broadcast out on that interface and to a server
 * on this machine too. A packet socket would not do: what it sends is not heard by dnsmasq on the same machine.
 * @throws {ProvisionError} unauthorized, when port 68 is not for this user; conflict, when another program has it; unavailable
 */
export async function askDhcp(settings: AskSettings): Promise<readonly BootAnswer[]> {
  await using line = await openLine(settings.address)
  const asked = new Map(settings.firmwares.map((firmware, index) => [(settings.xid + index) >>> 0, firmware]))
  const heard = new Map<string, BootAnswer>()
  line.onPacket((packet, sender) => {
    const firmware = asked.get(packet.xid)
    const answer = firmware === undefined ? undefined : readAnswer(firmware, packet, sender)
    if (answer !== undefined) keep(heard, answer)
  })
  for (let time = 0; time < TIMES; time += 1) {
    for (const [xid, firmware] of asked) await line.send(discover(firmware, xid), SERVER, EVERYBODY)
    await sleep(settings.waitMs / TIMES, undefined, { signal: settings.signal })
  }
  const again = [...heard.values()].filter(isAskedAgain)
  for (const [index, answer] of again.entries()) {
    const xid = (settings.xid + asked.size + index) >>> 0
    asked.set(xid, answer.firmware)
    const packet = requestBootFile(answer.firmware, { xid, address: settings.address, item: answer.item })
    // To a server on this machine a packet would come by its loopback, to which dnsmasq does not listen.
    await line.send(packet, PROXY, answer.server === settings.address ? EVERYBODY : answer.server)
  }
  const isDone = () => ![...heard.values()].some(isAskedAgain)
  for (let left = 20; left > 0 && !isDone(); left -= 1) {
    await sleep(settings.waitMs / 20, undefined, { signal: settings.signal })
  }
  return [...heard.values()]
}

/** What firmware does with the offer of a proxy DHCP server that names no file. */
function isAskedAgain({ address, file, vendorClass }: BootAnswer): boolean {
  return address === undefined && file === undefined && vendorClass.startsWith('PXEClient')
}

/** One answer of each server to each kind of firmware: what came from port 4011 names the file, and counts. */
function keep(heard: Map<string, BootAnswer>, answer: BootAnswer): void {
  const key = `${answer.firmware.name} ${answer.server}`
  const before = heard.get(key)
  if (before === undefined || before.file === undefined) {
    heard.set(key, { ...answer, address: answer.address ?? before?.address })
  }
}

interface Line extends AsyncDisposable {
  onPacket(listener: (packet: DhcpPacket, sender: string) => void): void
  send(packet: DhcpPacket, port: number, to: string): Promise<void>
}

/** Two sockets: one that sends from our address, and one for what is sent to everybody, which the first one does not hear. */
async function openLine(address: string): Promise<Line> {
  const everybody = await open('0.0.0.0')
  let own: Socket
  try {
    own = await open(address)
  } catch (error) {
    everybody.close()
    throw error
  }
  own.setBroadcast(true)
  return {
    onPacket(listener) {
      for (const socket of [own, everybody]) {
        socket.on('message', (bytes, { address: sender }) => {
          const packet = parseDhcp(bytes)
          if (packet !== undefined) listener(packet, sender)
        })
      }
    },
    send: (packet, port, to) =>
      new Promise((resolve, reject) => {
        own.send(formatDhcp(packet), port, to, (error) => {
          if (error === null) resolve()
          else reject(new ProvisionError('unavailable', `a DHCP packet could not be sent: ${error.message}`))
        })
      }),
    async [Symbol.asyncDispose]() {
      const closed = [own, everybody].map((socket) => new Promise<void>((done) => socket.close(() => done())))
      await Promise.all(closed)
    },
  }
}

async function open(address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind({ port: CLIENT, address, exclusive: true })
    await once(socket, 'listening')
    socket.on('error', () => {}) // what it means is seen by the answers that do not come
    return socket
  } catch (error) {
    socket.close()
    throw refused(error)
  }
}

function refused(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EACCES' || code === 'EPERM') {
    return new ProvisionError('unauthorized', 'UDP port 68, where DHCP answers, is for root alone', { cause: error })
  }
  if (code === 'EADDRINUSE') {
    return new ProvisionError('conflict', 'UDP port 68, where DHCP answers, is taken', { cause: error })
  }
  if (code === undefined) return error
  return new ProvisionError('unavailable', `UDP port 68 cannot be opened: ${String(code)}`, { cause: error })
}
