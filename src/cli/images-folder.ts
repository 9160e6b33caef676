import { existsSync, readdirSync } from 'node:fs'
import { readImageName } from '../core/plan.ts'
import { type ImageEntry, type ImageSnapshot, openImageLibrary } from '../images/library.ts'
import { recogniseImage } from '../kinds/kinds.ts'
import { hideHostSecrets } from '../kinds/settings.ts'
import { PACKAGE_TEMPLATES } from '../package.ts'
import { plannable } from '../plannable.ts'
import { openTemplates } from '../render/templates.ts'
import type { Folders } from './folders.ts'

/** Templates that KIWIspray's users have and that stand for no image. */
const NO_IMAGES = new Set(['known_host', 'new_host', 'post_install', 'error'])

/** What can be assigned now: the images, and as in KIWIspray the names that have a template alone. */
export async function openImages(folders: Pick<Folders, 'images' | 'templates'>): Promise<ImageSnapshot> {
  const library = openImageLibrary(folders.images, recogniseImage)
  const templates = openTemplates({
    operator: folders.templates,
    builtin: PACKAGE_TEMPLATES,
    images: folders.images,
    hide: hideHostSecrets,
    now: Date.now,
  })
  const { list } = await library.snapshot()
  const find = await plannable(library, templates)
  const inFolder = new Set(list.map(({ name }) => name))
  const others = templateNames(folders.templates).filter((name) => !inFolder.has(name))
  const byTemplate = others.flatMap((name): ImageEntry[] => {
    const image = find(name)
    return image === undefined ? [] : [{ name, image }]
  })
  return { find, list: [...list, ...byTemplate] }
}

function templateNames(folder: string | undefined): string[] {
  if (folder === undefined || !existsSync(folder)) return []
  const names = readdirSync(folder).flatMap((file) => /^(.+)\.(?:eta|tmpl)$/.exec(file)?.[1] ?? [])
  return [...new Set(names)].filter((name) => !NO_IMAGES.has(name) && canBeImage(name))
}

function canBeImage(name: string): boolean {
  try {
    return readImageName(name) === name
  } catch {
    return false // new.tmpl and finished.tmpl are scripts of states
  }
}
