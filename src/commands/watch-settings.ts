import type { Host } from '../core/host.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { LoopLimits } from '../core/watch/loops.ts'
import { readWatchSettings, WATCH_KEY } from '../core/watch/settings.ts'
import type { Defaults } from '../store/store.ts'

/** What is set for an image and for all hosts below the watchdog's key, the strongest first. */
export function watchLayers({ server, images }: Defaults, image: string | undefined): readonly (Json | undefined)[] {
  const ofImage: JsonObject = image === undefined ? {} : (images[image] ?? {})
  return [ofImage[WATCH_KEY], server[WATCH_KEY]]
}

/** How often a host may begin its install. */
export function loopLimitsOf(defaults: Defaults, { metadata, plan }: Host): LoopLimits {
  return readWatchSettings([metadata[WATCH_KEY], ...watchLayers(defaults, plan.images[0])]).loop
}
