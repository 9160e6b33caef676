import type { Host } from '../../core/host.ts'
import type { Image } from '../../core/image.ts'
import type { MadeForBoot } from '../../store/kept-boots.ts'
import { filesOf, settingsOf } from '../explain.ts'
import { nextBoot } from '../find-problems.ts'
import { prepareInstall } from '../prepare-install.ts'
import { sideOf } from './boot-side.ts'
import type { ExplainDeps } from './explanation.ts'

/** What a boot is made once more with. */
export interface KeepDeps extends ExplainDeps {
  readonly base: string
}

/** Makes once more what a boot gets, to be kept: its text files, without the boot's key, and with other values in the place of secrets. */
export async function madeForBoot(deps: KeepDeps, host: Host, image: Image): Promise<MadeForBoot> {
  const request = await prepareInstall(deps, nextBoot(host, image, deps.base))
  const [files, settings] = [filesOf(deps, request), settingsOf(request)]
  const explained = { host, image, files, settings, decision: { kind: 'install', image } } as const
  const side = await sideOf(deps, explained, { label: '', hasArchives: false })
  const texts = [...side.files].filter((one): one is [string, string] => typeof one[1] === 'string')
  return { base: deps.base, settings, files: Object.fromEntries(texts) }
}
