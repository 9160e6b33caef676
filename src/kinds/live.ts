import { type BootUrls, treeUrl } from '../core/boot-urls.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { UNKNOWN_END } from '../core/watch/deadlines.ts'
import { optionsSetting, splitOptions } from './kernel-options.ts'
import type { Kind, Recognised, Tree } from './kind.ts'
import { findPart, labelSetting, namedParts, type PartSearch, partOf } from './parts.ts'
import { checkPlaceholders, fillPlaceholders, placeholdersOf } from './placeholders.ts'

/** Where live systems keep the two files that start them. */
export interface LiveLayout {
  readonly kernel: string
  readonly initrds: readonly string[]
  /** What its initrd must be told, for the layouts whose initrd does not know `root=live:`. */
  readonly options: string
}

const UBUNTU = 'ip=dhcp cloud-config-url=/dev/null url=@ISO@'
const DEBIAN = 'boot=live components ip=dhcp fetch=@ISO@'

/** In this order; the import takes the first one that an ISO has. */
export const LIVE_LAYOUTS: readonly LiveLayout[] = [
  { kernel: 'boot/x86_64/loader/linux', initrds: ['boot/x86_64/loader/initrd'], options: '' },
  { kernel: 'boot/aarch64/loader/linux', initrds: ['boot/aarch64/loader/initrd'], options: '' },
  { kernel: 'casper/vmlinuz', initrds: ['casper/initrd', 'casper/initrd.lz', 'casper/initrd.gz'], options: UBUNTU },
  { kernel: 'live/vmlinuz', initrds: ['live/initrd.img', 'live/initrd'], options: DEBIAN },
  { kernel: 'images/pxeboot/vmlinuz', initrds: ['images/pxeboot/initrd.img'], options: 'rd.live.image' },
  // As people lay them beside the ISO by hand, and as KIWIspray's importer did.
  { kernel: 'linux', initrds: ['initrd', 'initrd.img'], options: '' },
  { kernel: 'vmlinuz', initrds: ['initrd', 'initrd.img'], options: '' },
]

const ISO: PartSearch = { role: 'iso', matches: (file) => /\.iso$/i.test(file) }
const ISO_PLACEHOLDER = '@ISO@'

/** Live systems: a kernel and an initrd that fetch the rest out of their ISO. */
export const live: Kind = {
  name: 'live',
  looksFor: 'an *.iso with its kernel and initrd beside it (linux and initrd, or as they lie in the ISO)',
  recognise,
  boot: (image: Image, urls: BootUrls) => {
    const iso = treeUrl(urls, partOf(image, 'iso'))
    const own = fillPlaceholders(image.kernelOptions, urls, { [ISO_PLACEHOLDER]: iso })
    // Options that say themselves where the ISO is are for an initrd with its own words for that.
    const saysWhere = placeholdersOf(image.kernelOptions).some((word) => word === ISO_PLACEHOLDER || word === '@TREE@')
    return {
      kernel: treeUrl(urls, partOf(image, 'kernel')),
      initrds: (image.parts['initrds'] ?? []).map((file) => treeUrl(urls, file)),
      options: [...(saysWhere ? [] : [`root=live:${iso}`]), ...splitOptions(own), `razorurl=${urls.postInstall}`],
    }
  },
  deadlines: { files: UNKNOWN_END },
}

async function recognise(tree: Tree, settings: JsonObject): Promise<Recognised | undefined> {
  const iso = findPart(tree, settings, ISO)
  if (iso === undefined) return undefined
  const start = named(tree, settings) ?? laidOut(tree)
  if (start === undefined) {
    if (settings['kind'] !== 'live') return undefined
    throw new ProvisionError('invalid', `${iso} has no kernel and initrd beside it`)
  }
  const kernelOptions = optionsSetting(settings) ?? start.options
  checkPlaceholders(kernelOptions, [ISO_PLACEHOLDER])
  const parts = { kernel: [start.kernel], initrds: start.initrds, iso: [iso] }
  return { label: labelSetting(settings) ?? iso.replace(/\.iso$/i, ''), parts, kernelOptions }
}

function named(tree: Tree, settings: JsonObject): LiveLayout | undefined {
  const kernel = namedParts(tree, settings, 'kernel')?.[0]
  return kernel === undefined
    ? undefined
    : { kernel, initrds: namedParts(tree, settings, 'initrds') ?? [], options: '' }
}

function laidOut(tree: Tree): LiveLayout | undefined {
  for (const { kernel, initrds, options } of LIVE_LAYOUTS) {
    const initrd = initrds.find((file) => tree.files.includes(file))
    if (initrd !== undefined && tree.files.includes(kernel)) return { kernel, initrds: [initrd], options }
  }
  return undefined
}
