import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type BootChange, finish } from '../../core/boot.ts'
import { describeMachine, type Findings } from '../../core/describe-machine.ts'
import { ProvisionError } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { type Mac, quoted, readMac } from '../../core/identity.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { SETTING_SECTIONS } from '../../kinds/settings.ts'
import { hashBootid } from './bootid.ts'
import { applyCallback, sendPostInstall } from './callbacks.ts'
import type { OpenDoor } from './door.ts'
import type { Query } from './query.ts'
import { sendLine } from './text-errors.ts'

/** Far beyond what a discovery image finds. Printing it again must not exhaust the stack. */
const DEEPEST = 32
const LARGEST_METADATA = 1 << 20

interface LegacyRoute {
  Querystring: Query
}

/** KIWIspray's callbacks: its paths, parameters, statuses and texts, which images in the field rely on. */
export async function legacyRoutes(app: FastifyInstance, door: OpenDoor): Promise<void> {
  app.route<LegacyRoute>({
    method: ['GET', 'POST'],
    url: '/finish',
    handler: async (request, reply) => {
      const id = requireId(request.query)
      const bootid = request.query.last('bootid') ?? 'none_given'
      const hash = hashBootid(bootid)
      if (hash === undefined || (await door.store.findBoot(hash))?.host.id !== id) {
        throw new ProvisionError(
          'unauthorized',
          `host ${id} not found or bootid ${quoted(bootid).slice(1, -1)} invalid`,
        )
      }
      await applyCallback(door, request, hash, finish)
      return sendLine(reply, 200, `host ${id} successfully transitioned to finished state`)
    },
  })

  app.route<LegacyRoute>({
    method: 'GET',
    url: '/post-install',
    handler: async (request, reply) => {
      const bootid = await requireLegacyBoot(door, request.query)
      return sendPostInstall(door, request, reply, bootid)
    },
  })

  app.route<LegacyRoute>({
    method: ['GET', 'HEAD'],
    url: '/state',
    handler: async (request, reply) => {
      const id = requireId(request.query)
      const host = await door.store.findHost(id)
      if (host === undefined) throw new ProvisionError('not-found', `host ${id} not found`)
      return sendLine(reply, 200, stateWord(host))
    },
  })

  app.route<LegacyRoute>({
    method: 'POST',
    url: '/update',
    handler: async (request, reply) => {
      const bootid = await requireLegacyBoot(door, request.query)
      const findings = readFindings(request)
      const hash = hashBootid(bootid) ?? ''
      await applyCallback(door, request, hash, (host, boot, at) =>
        refuseHuge(describeMachine(host, boot, findings, at)),
      )
      return sendLine(reply, 200, 'ok')
    },
  })
}

/** A host's state in KIWIspray's words: the image that it waits for or gets, else where it stands. */
export function stateWord(host: Host): string {
  return (host.state === 'assigned' || host.state === 'installing' ? host.plan.images[0] : undefined) ?? host.state
}

function requireId(query: Query): number {
  const text = query.last('id') ?? ''
  const id = /^\d+$/.test(text) ? Number(text) : 0
  if (!Number.isSafeInteger(id) || id < 1) throw new ProvisionError('not-found', 'invalid query, no id')
  return id
}

async function requireLegacyBoot(door: OpenDoor, query: Query): Promise<string> {
  const id = requireId(query)
  const bootid = query.last('bootid') ?? 'none_given'
  const hash = hashBootid(bootid)
  const found = hash === undefined ? undefined : await door.store.findBoot(hash)
  if (found?.host.id !== id) throw new ProvisionError('unauthorized', 'invalid bootid')
  return bootid
}

/** The body of `/update`: fields `mac` and `metadata`, each as often as wanted, as form, multipart or JSON. */
function readFindings(request: FastifyRequest): Findings {
  const { body } = request
  if (!isJsonObject(body))
    throw new ProvisionError('invalid', 'the body holds no fields; send mac=... and metadata=...')
  const unknown = Object.keys(body).find((key) => key !== 'mac' && key !== 'metadata')
  if (unknown !== undefined) throw new ProvisionError('invalid', `unhandled post_data key ${quoted(unknown)}`)
  return {
    macs: [body['mac'] ?? []]
      .flat()
      .map(readMacField)
      .filter((mac) => mac !== undefined),
    metadata: [body['metadata'] ?? []].flat().map(readMetadataField).reduce(merge, {}),
  }
}

function readMacField(value: unknown): Mac | undefined {
  if (typeof value !== 'string') throw new ProvisionError('invalid', 'mac is not a text')
  return readMac(value)
}

function readMetadataField(value: unknown): JsonObject {
  const metadata = typeof value === 'string' ? parseJson(value) : value
  if (!isJsonObject(metadata)) throw new ProvisionError('invalid', 'metadata is not a JSON object')
  // What a machine says of itself must not become what operators want of it: a password, a disk.
  const taken = SETTING_SECTIONS.find((kind) => Object.hasOwn(metadata, kind))
  if (taken !== undefined) throw new ProvisionError('invalid', `metadata ${taken} is for operators to set`)
  if (nestsDeeper(metadata, DEEPEST)) throw new ProvisionError('invalid', 'metadata is nested too deeply')
  return metadata
}

function merge(merged: JsonObject, more: JsonObject): JsonObject {
  return Object.assign(merged, more)
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => nestsDeeper(item, levels - 1))
}

/** Metadata adds up over many posts; every answer to the host's machine reads all of it. */
function refuseHuge(change: BootChange): BootChange {
  if (JSON.stringify(change.host.metadata).length <= LARGEST_METADATA) return change
  throw new ProvisionError('invalid', `metadata is larger than ${LARGEST_METADATA} bytes`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ProvisionError('invalid', 'metadata is not JSON', { cause: error })
  }
}
