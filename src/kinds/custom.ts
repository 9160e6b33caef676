import type { JsonObject } from '../core/json.ts'
import { UNKNOWN_END } from '../core/watch/deadlines.ts'
import { optionsSetting } from './kernel-options.ts'
import type { Kind, Recognised, Tree } from './kind.ts'
import { labelSetting } from './parts.ts'

/** An image's own boot script, which goes before whatever its kind would say. */
const OWN_SCRIPTS: readonly string[] = ['host.eta', 'host.tmpl']

/** A directory with its own boot script, as KIWIspray's images have: what else is in it is the script's affair. */
export const custom: Kind = {
  name: 'custom',
  looksFor: 'its own boot script host.eta or host.tmpl',
  recognise,
  boot: () => undefined,
  deadlines: { files: UNKNOWN_END },
}

async function recognise(tree: Tree, settings: JsonObject): Promise<Recognised | undefined> {
  const script = OWN_SCRIPTS.find((file) => tree.files.includes(file))
  if (script === undefined) return undefined
  return { label: labelSetting(settings), parts: { script: [script] }, kernelOptions: optionsSetting(settings) ?? '' }
}
