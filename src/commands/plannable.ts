import type { FindImage } from '../core/image.ts'
import { Arriving, type Soon } from '../core/soon.ts'
import type { ImageLibrary, ImageSnapshot } from '../images/library.ts'
import type { TemplateSet } from '../render/templates.ts'

/** The images that a plan may name: those in the images folder and, as in KIWIspray, names that have a boot template alone. */
export function plannable(
  images: Pick<ImageLibrary, 'snapshot'>,
  templates: Pick<TemplateSet, 'hasTemplate'>,
): () => Soon<FindImage> {
  let last: { readonly asked: Promise<ImageSnapshot>; readonly find: Arriving<FindImage> } | undefined
  return () => {
    const asked = images.snapshot()
    if (last?.asked !== asked) {
      last = { asked, find: new Arriving(asked.then((snapshot) => findAny(snapshot, templates))) }
    }
    return last.find.value
  }
}

function findAny({ find }: ImageSnapshot, templates: Pick<TemplateSet, 'hasTemplate'>): FindImage {
  const any: FindImage = (name) => find(name) ?? (templates.hasTemplate(name) ? templateImage(name) : undefined)
  return Object.assign(any, { problem: find.problem })
}

function templateImage(name: string): ReturnType<FindImage> {
  return { name, kind: 'custom', label: undefined, parts: {}, kernelOptions: '', bytes: 0, changedAt: 0 }
}
