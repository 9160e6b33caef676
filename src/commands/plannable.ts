import type { FindImage } from '../core/image.ts'
import type { ImageLibrary } from '../images/library.ts'
import type { TemplateSet } from '../render/templates.ts'

/** The images that a plan may name: those in the images folder and, as in KIWIspray, names that have a boot template alone. */
export async function plannable(images: ImageLibrary, templates: Pick<TemplateSet, 'hasTemplate'>): Promise<FindImage> {
  const { find } = await images.snapshot()
  const findAny: FindImage = (name) => find(name) ?? (templates.hasTemplate(name) ? templateImage(name) : undefined)
  return Object.assign(findAny, { problem: find.problem })
}

function templateImage(name: string): ReturnType<FindImage> {
  return { name, kind: 'custom', label: undefined, parts: {}, kernelOptions: '', bytes: 0, changedAt: 0 }
}
