import { bootUrls } from '../../../src/core/boot-urls.ts'
import { ProvisionError } from '../../../src/core/errors.ts'
import type { Host } from '../../../src/core/host.ts'
import { parseMac } from '../../../src/core/identity.ts'
import type { Image } from '../../../src/core/image.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { InstallRequest, Tree } from '../../../src/kinds/kind.ts'
import { recogniseImage } from '../../../src/kinds/kinds.ts'
import { hostWith } from '../../render/fixture.ts'
import { type Release, releaseNamed, stockBootCfg } from './releases.ts'

export type Files = { readonly [name: string]: string }

/** The files of a release's medium that matter, without contents but for its boot.cfg. */
export function mediumOf(release: Release = releaseNamed('8.0U3b')): Files {
  const names = [release.kernel, ...release.modules, 'efi/boot/bootx64.efi', 'efi/boot/crypto64.efi', 'mboot.c32']
  const cfg = stockBootCfg(release)
  return { ...Object.fromEntries(names.map((name) => [name, ''])), 'efi/boot/boot.cfg': cfg, 'boot.cfg': cfg }
}

/** The same without some files. */
export function without(files: Files, ...names: string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)))
}

export function treeOf(files: Files): Tree {
  return {
    files: Object.keys(files).sort(),
    readText: async (file) => {
      const text = files[file]
      if (text === undefined) throw new ProvisionError('not-found', `no ${file}`)
      return text
    },
  }
}

export async function imageOf(files: Files, settings: JsonObject = {}): Promise<Image> {
  return { name: 'esxi8', bytes: 0, changedAt: 0, ...(await recogniseImage(treeOf(files), settings)) }
}

/** What is set for a request of an install; the rest is as plain as it can be. */
export interface Asked {
  readonly files?: Files
  readonly imageJson?: JsonObject
  readonly host?: Partial<Host>
  readonly settings?: readonly JsonObject[]
  readonly mac?: string
  readonly base?: string
  readonly render?: InstallRequest['render']
}

/** A root password, so that nothing is missing. */
export const ROOT = { rootPassword: `$6$saltsalt$${'a'.repeat(86)}` }

/** What a template may make of it. */
const PLAIN_KICKSTART = `vmaccepteula\nrootpw --iscrypted ${ROOT.rootPassword}\ninstall --firstdisk --overwritevmfs\nreboot\n`

export async function requestOf(asked: Asked = {}): Promise<InstallRequest> {
  const files = asked.files ?? mediumOf()
  const image = await imageOf(files, asked.imageJson)
  return {
    host: hostWith({ hostname: 'esx01', ...asked.host }),
    image,
    urls: bootUrls(asked.base ?? 'http://10.77.0.1:5000', 7, '0123456789abcdef0123456789abcdef'),
    description: [],
    settings: [...(asked.settings ?? []), image.settings ?? {}, ROOT],
    mac: asked.mac === undefined ? undefined : parseMac(asked.mac),
    readText: (file) => treeOf(files).readText(file),
    render: asked.render ?? (() => PLAIN_KICKSTART),
  }
}
