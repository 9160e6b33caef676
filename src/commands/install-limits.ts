import type { Limits } from '../core/admission.ts'
import { isJsonObject, type Json } from '../core/json.ts'
import type { ImageLibrary } from '../images/library.ts'
import type { Store } from '../store/store.ts'

export interface LimitDeps {
  readonly store: Pick<Store, 'readDefaults'>
  readonly images: Pick<ImageLibrary, 'snapshot'>
  /** What the server was started with, if that is known. */
  readonly maxInstalls: number | undefined
}

/** How many hosts may install at once, in all and of each image: `maxInstalls` of the image, or of all images of its kind. */
export async function readInstallLimits({ store, images, maxInstalls }: LimitDeps): Promise<Limits> {
  const [{ server, images: defaults }, { list }] = await Promise.all([store.readDefaults(), images.snapshot()])
  const limits = list.flatMap(({ name, image }) => {
    if (image === undefined) return []
    const layers = [defaults[name]?.[image.kind], image.settings, server[image.kind]]
    const limit = layers.map(limitIn).find((one) => one !== undefined)
    return limit === undefined ? [] : [[name, limit] as const]
  })
  return { server: maxInstalls, images: Object.fromEntries(limits) }
}

function limitIn(settings: Json | undefined): number | undefined {
  const maxInstalls = settings !== undefined && isJsonObject(settings) ? settings['maxInstalls'] : undefined
  return typeof maxInstalls === 'number' && Number.isInteger(maxInstalls) && maxInstalls > 0 ? maxInstalls : undefined
}
