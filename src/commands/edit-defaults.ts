import { CONFIG_KEY } from '../core/config/model.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { changeSettings, describeChanges, type SettingChange } from '../core/setting.ts'
import { defaultsProblems } from '../kinds/check-settings.ts'
import { hideSecrets } from '../kinds/settings.ts'
import type { Store } from '../store/store.ts'
import { checkChange } from './check-change.ts'
import { hashSettings } from './config/hash-changes.ts'

export interface DefaultsDeps {
  readonly store: Pick<Store, 'readDefaults' | 'changeDefaults'>
  /** The images that there are now. */
  readonly images: readonly Image[]
}

/** What is set for installs at one place, by kind of image, without the secrets in it. */
export interface DefaultsPlace {
  /** The image that it is for; `undefined` for all hosts. */
  readonly image: string | undefined
  /** Whether it stands in the image's own image.json, where no command changes it. */
  readonly isImageJson: boolean
  readonly settings: JsonObject
}

/** What a change of defaults did. */
export interface EditedDefaults {
  /** In words without values; empty when nothing was changed. */
  readonly told: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Changes what is set for all hosts, or for an image. Clear passwords of a description are hashes from here on.
 * @throws {ProvisionError} invalid, for settings that cannot be; not-found, for an unknown image
 */
export async function editDefaults(
  { store, images }: DefaultsDeps,
  image: string | undefined,
  given: readonly SettingChange[],
): Promise<EditedDefaults> {
  const { settings: changes = [], warnings } = hashSettings({ settings: given })
  const known = images.find(({ name }) => name === image)
  let told: readonly string[] = []
  await store.changeDefaults(image, (before) => {
    // What was set for an image that is gone can be taken away, and that is all.
    const isOrphan = image !== undefined && known === undefined
    if (isOrphan && (Object.keys(before).length === 0 || changes.some(({ value }) => value !== undefined))) {
      throw unknownImage(image, images)
    }
    const after = changeSettings(before, changes)
    if (!isOrphan) checkChange(before, after, (settings) => defaultsProblems(settings, known?.kind))
    told = describeChanges(before, after, changes)
    return after
  })
  return { told, warnings }
}

/**
 * Lists what is set for all hosts and for images: one of them, or all that have something set.
 * @throws {ProvisionError} not-found, for an unknown image
 */
export async function listDefaults({ store, images }: DefaultsDeps, image?: string): Promise<readonly DefaultsPlace[]> {
  const { server, images: byImage } = await store.readDefaults()
  const names = [...new Set([...images.map(({ name }) => name), ...Object.keys(byImage)])].sort()
  if (image !== undefined && !names.includes(image)) throw unknownImage(image, images)
  const places: DefaultsPlace[] = [{ image: undefined, isImageJson: false, settings: server }]
  for (const name of names) {
    const known = images.find((one) => one.name === name)
    places.push({ image: name, isImageJson: false, settings: byImage[name] ?? {} })
    if (known !== undefined) places.push({ image: name, isImageJson: true, settings: ownSettings(known) })
  }
  return places
    .filter(({ image: of, isImageJson, settings }) => {
      const isFilled = Object.keys(settings).length > 0
      return image === undefined ? isFilled : of === image && (isFilled || !isImageJson)
    })
    .map((place) => ({ ...place, settings: hideSecrets(place.settings) }))
}

/** What an image says itself, by the keys at which operators say it. */
function ownSettings({ kind, settings, description }: Image): JsonObject {
  return {
    ...(settings === undefined ? {} : { [kind]: settings }),
    ...(description === undefined ? {} : { [CONFIG_KEY]: description }),
  }
}

function unknownImage(name: string, images: readonly Image[]): ProvisionError {
  const others = images.length === 0 ? 'there are none yet' : `there are ${images.map((one) => one.name).join(', ')}`
  return new ProvisionError('not-found', `there is no image ${name}; ${others}`)
}
