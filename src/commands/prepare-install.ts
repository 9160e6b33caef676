import type { BootUrls } from '../core/boot-urls.ts'
import { CONFIG_KEY } from '../core/config/model.ts'
import type { Host } from '../core/host.ts'
import type { Mac } from '../core/identity.ts'
import type { Image } from '../core/image.ts'
import { isJsonObject, type JsonObject } from '../core/json.ts'
import type { ImageLibrary } from '../images/library.ts'
import type { InstallRequest } from '../kinds/kind.ts'
import type { TemplateSet } from '../render/templates.ts'
import type { Store } from '../store/store.ts'

export interface PrepareDeps {
  readonly store: Pick<Store, 'readDefaults'>
  readonly images: Pick<ImageLibrary, 'readText'>
  readonly templates: Pick<TemplateSet, 'kindFile'>
}

/** Which image goes to which host. */
export interface Installing {
  readonly host: Host
  readonly image: Image
  readonly urls: BootUrls
  /** The card that the machine booted from, when it said so. */
  readonly mac: Mac | undefined
}

/** Gathers what the kind of an image needs to know of its way to a host. */
export async function prepareInstall(deps: PrepareDeps, installing: Installing): Promise<InstallRequest> {
  const { host, image } = installing
  const { server, images } = await deps.store.readDefaults()
  const places: readonly JsonObject[] = [
    host.metadata,
    images[image.name] ?? {},
    // Beside the description, what stands in image.json is for its kind alone.
    {
      ...(image.settings === undefined ? {} : { [image.kind]: image.settings }),
      ...(image.description === undefined ? {} : { [CONFIG_KEY]: image.description }),
    },
    server,
  ]
  const below = (key: string): readonly JsonObject[] =>
    places.map((place) => {
      const found = place[key]
      return found !== undefined && isJsonObject(found) ? found : {}
    })
  return {
    ...installing,
    settings: below(image.kind),
    description: below(CONFIG_KEY),
    readText: (file) => deps.images.readText(image.name, file),
    render: (template, data) => deps.templates.kindFile({ image: image.name, kind: image.kind }, template, data),
  }
}
