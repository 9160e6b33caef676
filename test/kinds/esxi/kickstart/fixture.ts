import { bootUrls } from '../../../../src/core/boot-urls.ts'
import { parseMac } from '../../../../src/core/identity.ts'
import type { JsonObject } from '../../../../src/core/json.ts'
import type { InstallRequest } from '../../../../src/kinds/kind.ts'
import { openTemplates } from '../../../../src/render/templates.ts'
import { BOOTID, BUILTIN, hostWith, imageNamed } from '../../../render/fixture.ts'

/** `clear password` as SHA-512 crypt, by `openssl passwd -6 -salt saltsalt`. */
export const HASH = '$6$saltsalt$MKKw.fj6We1MPyC3pB8QUkgqOfKZ888wu1NTuDePjw497hX.8aJA84w8aDnVWab3DPm6obziYW0dtbtr1aY2r/'

/** What a test says of an install; everything else is as plain as it can be. */
export interface Wanted {
  /** Of the host, the strongest; the root password is set for the server. */
  readonly esxi?: JsonObject
  /** All layers, in place of it. */
  readonly layers?: readonly JsonObject[]
  /** What the host is to be, at the same places. */
  readonly description?: readonly JsonObject[]
  readonly hostname?: string
  readonly mac?: string
  /** Texts of the image's snippets by name: `pre/10-x.sh`. */
  readonly snippets?: { readonly [name: string]: string }
  /** The image's own template, rendered as it stands. */
  readonly ownTemplate?: (data: object) => string
  readonly base?: string
}

/** The way of an image to a host, with the package's own templates. */
export function installRequest(wanted: Wanted = {}): InstallRequest {
  const { esxi = {}, hostname, mac, snippets = {}, base = 'http://10.77.0.1:5000' } = wanted
  const templates = openTemplates({
    operator: undefined,
    builtin: BUILTIN,
    images: '/nowhere',
    hide: (host) => host,
    now: () => 0,
  })
  const image = { ...imageNamed('esxi8', 'esxi'), parts: { snippets: Object.keys(snippets) } }
  return {
    host: hostWith({ hostname }),
    image,
    urls: bootUrls(base, 7, BOOTID),
    description: wanted.description ?? [],
    settings: wanted.layers ?? [esxi, {}, {}, { rootPassword: HASH }],
    mac: mac === undefined ? undefined : parseMac(mac),
    readText: async (file) => {
      const text = snippets[file]
      if (text === undefined) throw new Error(`${file} is asked for, which the test has not`)
      return text
    },
    render: (template, data) =>
      wanted.ownTemplate?.(data) ?? templates.kindFile({ image: image.name, kind: image.kind }, template, data),
  }
}
