import { existsSync, readdirSync } from 'node:fs'
import type { Image } from '../core/image.ts'
import { readImageName } from '../core/plan.ts'
import type { ImageEntry, ImageLibrary, ImageSnapshot } from '../images/library.ts'
import type { Kind } from '../kinds/kind.ts'
import type { TemplateSet } from '../render/templates.ts'
import type { Store } from '../store/store.ts'
import type { Assignable } from './edit-host.ts'
import { findProblems, nextBoot, type ProblemDeps } from './find-problems.ts'
import { plannable } from './plannable.ts'

/** Templates that KIWIspray's users have and that stand for no image. */
const NO_IMAGES = new Set(['known_host', 'new_host', 'post_install', 'error'])

/** The images and the templates as the server finds them. */
export interface Opened {
  readonly images: ImageLibrary
  readonly templates: TemplateSet
}

/** All that the files of a boot are made of, outside of a boot. */
export interface Workshop extends Opened, ProblemDeps {
  readonly store: Store
  readonly images: ImageLibrary
  readonly templates: TemplateSet
  /** The address by which machines reach the server, when it is known here. */
  readonly base: string | undefined
  kindOf(image: Image): Kind
}

/** Where the operator's own templates are; `undefined` when there are none. */
export interface TemplatesFolder {
  readonly templates: string | undefined
}

/** What can be assigned now, with what stands in the way of it. */
export async function assignableImages(workshop: Workshop, folder: TemplatesFolder): Promise<Assignable> {
  return {
    ...(await plannableImages(workshop, folder)),
    problems: (host, image) => findProblems(workshop, nextBoot(host, image, workshop.base)),
  }
}

/** What a plan may name now: the images, and as in KIWIspray the names that have a template alone. */
export async function plannableImages(opened: Opened, folder: TemplatesFolder): Promise<ImageSnapshot> {
  const { list } = await opened.images.snapshot()
  const find = await plannable(opened.images, opened.templates)()
  const inFolder = new Set(list.map(({ name }) => name))
  const others = templateNames(folder.templates).filter((name) => !inFolder.has(name))
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
