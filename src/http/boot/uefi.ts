import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ProvisionError } from '../../core/errors.ts'
import { type Mac, readMac } from '../../core/identity.ts'
import type { OpenDoor } from './door.ts'
import { FirmwareBoots } from './firmware-boots.ts'
import { fileErrors, sendFile } from './send-file.ts'

interface Params {
  readonly card?: string
  readonly mac?: string
  readonly file?: string
}

type UefiRequest = FastifyRequest<{ Params: Params }>

/**
 * For machines whose firmware starts an installer's own loader over HTTP, without iPXE: what Secure Boot wants. DHCP names
 * `/uefi/01-<mac>/mboot.efi` to a host, or `/uefi/mboot.efi` to all.
 */
export async function uefiRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  const boots = new FirmwareBoots(door)

  const sendLoader = async (request: UefiRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { card, file = '' } = request.params
    // The kernel's own list of neighbours tells who asks, where the address does not: but only of hosts that are known by that card.
    const mac = card === undefined ? await door.cardOf(request.ip) : requireCard(card)
    const found = await boots.loaderFor(request, { mac, isTold: card !== undefined, file })
    return sendFile(request, reply, found, door)
  }
  const files = { method: ['GET', 'HEAD'], errorHandler: door.tally.counting(fileErrors), handler: sendLoader }
  app.route<{ Params: Params }>({ ...files, url: '/uefi/:file' })
  app.route<{ Params: Params }>({ ...files, url: '/uefi/:card/:file' })

  const sendConfig = async (request: UefiRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { card = '', mac = card } = request.params
    const { type, body } = await boots.configFor(request, requireCard(mac))
    // In one piece, as every file of a boot; it holds the boot's key.
    return reply.type(type).header('cache-control', 'no-store').send(body)
  }
  // GET alone: this opens a boot, as /bootstrap does.
  const configs = { method: 'GET', handler: sendConfig }
  app.route<{ Params: Params }>({ ...configs, url: '/uefi/:card/boot.cfg' })
  app.route<{ Params: Params }>({ ...configs, url: '/uefi/:card/:mac/boot.cfg' })
}

/**
 * Reads the directory of a card. DHCP servers that put it together may leave out zeros (ISC's `binary-to-ascii`).
 * @throws {ProvisionError} not-found
 */
function requireCard(text: string): Mac {
  const parts = /^01((?:-[0-9a-f]{1,2}){6})$/i.exec(text)?.[1]?.slice(1).split('-') ?? []
  const mac = readMac(parts.map((part) => part.padStart(2, '0')).join(':'))
  if (mac === undefined) throw new ProvisionError('not-found', 'file not found')
  return mac
}
