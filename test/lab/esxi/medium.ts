import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RELEASES } from '../../kinds/esxi/releases.ts'
import { cached, fileDigest } from '../cache.ts'
import { type EsxiIsoSpec, type Manifest, makeEsxiIso } from '../esxi-iso.ts'
import { standIn } from './stand-in.ts'

/** A medium that machines of the lab can boot and install from. */
export interface EsxiMedium {
  readonly iso: string
  readonly manifest: Manifest
}

const SOURCES = ['../esxi-iso.ts', 'content.ts', 'tree.ts', 'medium.ts']

/** Writes such a medium, or finds it in the cache. Small: most of it is the stand-in. */
export async function esxiMedium(spec: Omit<EsxiIsoSpec, 'standIn'>): Promise<EsxiMedium> {
  const player = await standIn()
  const sources = await Promise.all(SOURCES.map((file) => fileDigest(join(import.meta.dirname, file))))
  const key = [
    JSON.stringify(spec),
    JSON.stringify(RELEASES),
    await fileDigest(player.loader),
    await fileDigest(player.disk),
    ...sources,
  ]
  const root = await cached(`esxi-${spec.release}`, key, async (directory) => {
    const manifest = await makeEsxiIso(join(directory, 'medium.iso'), { ...spec, standIn: player })
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
  })
  const manifest = JSON.parse(await readFile(join(root, 'manifest.json'), 'utf8')) as Manifest
  return { iso: join(root, 'medium.iso'), manifest }
}
