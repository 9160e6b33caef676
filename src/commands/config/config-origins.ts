import { CONFIG_KEY } from '../../core/config/model.ts'
import { tryHostConfig } from '../../core/config/read-config.ts'
import type { Host } from '../../core/host.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import { type SettingOrigin, settingOrigins } from '../../kinds/setting-origins.ts'
import type { Store } from '../../store/store.ts'

/** What a host is to be, as it is put together for the image that is next in its plan. */
export interface ConfigOrigins {
  /** Secrets hidden, `(set)`; each with who says so. */
  readonly settings: readonly (SettingOrigin & { readonly from: string })[]
  /** What is wrong with all of it together. */
  readonly problems: readonly string[]
}

export interface OriginsDeps {
  readonly store: Pick<Store, 'readDefaults'>
  /** What an image's `image.json` says; `{}` for one that says nothing, or cannot be read. */
  imageJson(image: string): Promise<JsonObject>
}

/** Says what a host is to be and where each part of that comes from. */
export async function configOrigins({ store, imageJson }: OriginsDeps, host: Host): Promise<ConfigOrigins> {
  const { server, images } = await store.readDefaults()
  const [image] = host.plan.images
  const places = [
    { from: 'this host', settings: host.metadata },
    ...(image === undefined
      ? []
      : [
          { from: `image ${image}`, settings: images[image] ?? {} },
          { from: `image.json of ${image}`, settings: await imageJson(image) },
        ]),
    { from: 'all hosts', settings: server },
  ]
  const layers = places.map(({ settings }) => configIn(settings))
  return {
    settings: settingOrigins(CONFIG_KEY, layers).map((one) => ({ ...one, from: places[one.layer]?.from ?? '' })),
    problems: tryHostConfig(layers).problems,
  }
}

function configIn(settings: JsonObject): JsonObject {
  const found = settings[CONFIG_KEY]
  return found !== undefined && isJsonObject(found) ? found : {}
}
