import { setImmediate } from 'node:timers/promises'
import { ProvisionError } from '../../src/core/errors.ts'
import type { InstallRequest, Kind } from '../../src/kinds/kind.ts'
import { type Boot, type LabServer, labServer, MACHINE } from './lab-server.ts'

/** 20 bytes that a loader unpacks to nothing. */
export const EMPTY_GZIP = Buffer.from('1f8b0800000000000003030000000000 00000000'.replace(' ', ''), 'hex')

/**
 * A kind of image as installers with a loader of their own have it: a directory with a file `loader`. What it makes of a boot shows
 * everything that it was given, so that a test sees what the road carries, whatever any real kind makes of it.
 */
export const loaderKind: Kind = {
  name: 'loader',
  looksFor: 'a file loader',
  recognise: async (tree) =>
    tree.files.includes('loader')
      ? {
          label: 'Loader 1',
          parts: {
            loader: ['loader'],
            kernel: ['k.b00'],
            modules: tree.files.filter((file) => /\.v\d\d$/.test(file)),
          },
          kernelOptions: '',
        }
      : undefined,
  boot: (_image, urls) => ({ kernel: `${urls.tree}/loader`, initrds: [], options: [`-c`, `${urls.boot}/boot.cfg`] }),
  emptyForBios: EMPTY_GZIP,
  firmwareBoot: {
    loaders: { 'mboot.efi': 'loader' },
    beside: {},
    newest: ([first]) => first,
    leave: (text) => ({ type: 'text/plain; charset=utf-8', body: `leave: ${text}\n` }),
  },
  stages: {
    parts: { loader: 'loader', kernel: 'kernel', modules: 'modules' },
    files: { 'boot.cfg': 'loader', 'meta.tgz': 'modules', 'ks.txt': 'kickstart' },
  },
  bootFile: async (name, request) => {
    await setImmediate()
    if (name === 'ks.cfg') throw new ProvisionError('conflict', 'the disk "sda 1" is no name of a disk')
    if (name === 'ks.txt') return { type: 'text/plain; charset=utf-8', body: 'install\n' }
    if (name === 'meta.tgz') return { type: 'application/gzip', body: Buffer.from([0x1f, 0x8b, 0, 255]) }
    if (name !== 'boot.cfg') return undefined
    return { type: 'text/plain; charset=utf-8', body: `${JSON.stringify(shown(request))}\n` }
  },
  problems: async (request) => {
    await setImmediate()
    return request.host.metadata['broken'] === undefined ? [] : [`it is broken: ${request.host.metadata['broken']}`]
  },
}

function shown({ host, image, urls, settings, mac }: InstallRequest) {
  return { host: host.id, image: image.name, urls, settings, mac }
}

/** A server that knows this kind, and has an image of it: `loader`, which only boots need. */
export async function loaderServer(t: Parameters<typeof labServer>[0]): Promise<LabServer> {
  const server = await labServer(t, { kind: loaderKind })
  await server.put('images/esx/loader', 'program')
  await server.put('images/esx/k.b00', 'kernel')
  await server.put('images/esx/efi/boot/bootx64.efi', 'MZ')
  await server.put('images/esx/empty.gz', '')
  server.later()
  return server
}

/** Host 1 gets the image. */
export async function loading(server: LabServer, more = ''): Promise<Boot> {
  await server.boot(MACHINE + more)
  await server.assign(1, 'esx')
  return server.boot(MACHINE + more)
}
