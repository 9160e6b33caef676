import { protect } from '../../src/core/edit.ts'
import { loaderKind } from '../http/lab-kind.ts'
import { type LabServer, labServer, putLinux } from '../http/lab-server.ts'

/** A host that was there before, and all that its machine says of itself. */
export interface KnownHost {
  readonly id: number
  readonly mac: string
  readonly serial: string
  readonly uuid: string
}

/** A server with one host in each state in which `/bootstrap` changes nothing that counts. */
export interface KnownWorld {
  readonly server: LabServer
  readonly hosts: readonly KnownHost[]
  /** The key of the boot in which host 5 is installing. */
  readonly live: string
  /** Keys that were good once. */
  readonly over: readonly string[]
  /** The contents of all files that may be downloaded. */
  readonly files: readonly string[]
  /** What no request may change, but for a callback with the live key. */
  fingerprint(): string
}

const COLUMNS = [
  ...['id', 'hostname', 'serial', 'uuid', 'state', 'plan', 'rest', 'revision', 'expires_at', 'protected', 'metadata'],
  ...['local_boot', 'firmware_boot', 'progress', 'reason', 'created_at'],
].join(', ')

export async function knownWorld(t: Parameters<typeof labServer>[0]): Promise<KnownWorld> {
  const server = await labServer(t, { logLevel: 'error', kind: loaderKind, maxInstalls: 3 })
  await putLinux(server, 'demo')
  await server.put('images/esx/loader', 'loader of esx')
  await server.put('images/esx/vmlinuz', 'kernel of demo')
  await server.put('ipxe/ipxe.efi', 'MZ of iPXE')
  await server.put('images/.hidden/file', 'HIDDEN')
  await server.put('secret', 'HIDDEN')
  const hosts = [1, 2, 3, 4, 5].map(knownHost)
  for (const host of hosts) await server.boot(queryOf(host))
  const over = [await install(server, hosts[1], 'finish'), await install(server, hosts[2], 'fail?reason=broken')]
  over.push(await install(server, hosts[3], 'finish'))
  await server.store.changeHost(4, 0, protect)
  const live = await install(server, hosts[4], 'tree/vmlinuz', 'esx')
  return {
    ...{ server, hosts, live, over },
    files: ['kernel of demo', 'loader of esx', 'initrd of demo', 'MZ of iPXE'],
    fingerprint: () =>
      JSON.stringify([
        server.rows(`SELECT ${COLUMNS} FROM hosts WHERE id <= 5`),
        server.rows('SELECT * FROM host_macs WHERE host_id <= 5 ORDER BY host_id, position'),
        server.rows('SELECT number, progressed_at, ended_at, outcome FROM boots WHERE progressed_at IS NOT NULL'),
      ]),
  }
}

export function queryOf({ mac, serial, uuid }: KnownHost): string {
  return `net0=${mac}&serial=${serial}&uuid=${uuid}`
}

function knownHost(id: number): KnownHost {
  return { id, mac: `52:54:00:00:00:0${id}`, serial: `KNOWN-${id}`, uuid: `5d0b0dc2-1111-4222-8333-44445555000${id}` }
}

/** Gives a host the image, and does with the boot what its machine would. @returns the key of the boot */
async function install(server: LabServer, host: KnownHost | undefined, callback: string, plan = 'demo') {
  if (host === undefined) throw new Error('there is no such host')
  await server.assign(host.id, plan)
  const { id } = await server.boot(queryOf(host))
  await server.get(`/b/${id}/${callback}`)
  return id
}
