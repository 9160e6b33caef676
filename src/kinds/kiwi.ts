import { type BootUrls, treeUrl } from '../core/boot-urls.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { optionsSetting, readKernelOptions, splitOptions } from './kernel-options.ts'
import type { Kind, Recognised, Tree } from './kind.ts'
import { findPart, labelSetting, type PartSearch, partOf } from './parts.ts'
import { checkPlaceholders, fillPlaceholders } from './placeholders.ts'

/** `pxeboot.kernel`; KIWI since 9.17 puts the image's name between the two words. */
const KERNEL: PartSearch = {
  role: 'kernel',
  matches: (file) => /^pxeboot(?:\..+)?\.kernel$/.test(file),
  prefer: ['pxeboot.kernel'],
}

const INITRD: PartSearch = {
  role: 'initrds',
  matches: (file) => /^pxeboot(?:\..+)?\.initrd(?:\.(?:xz|gz|zst))?$/.test(file),
  prefer: ['pxeboot.initrd.xz', 'pxeboot.initrd'],
}

const DISK: PartSearch = {
  role: 'disk',
  matches: (file) => file.endsWith('.xz') && !/\.(?:initrd|tar|append)\.xz$/.test(file),
}

const APPEND: PartSearch = { role: 'append', matches: (file) => file.endsWith('.append') }

/** What KIWI itself writes first into every `*.append`: without it the initrd looks for its disk on a CD. */
const WITHOUT_APPEND = 'rd.kiwi.install.pxe'

/** Images that KIWI builds for installation over the network (`installpxe="true"`): its installer writes a disk image. */
export const kiwi: Kind = {
  name: 'kiwi',
  looksFor: 'pxeboot.kernel, pxeboot.initrd.xz and a disk *.xz',
  recognise,
  boot: (image: Image, urls: BootUrls) => ({
    kernel: treeUrl(urls, partOf(image, 'kernel')),
    initrds: [treeUrl(urls, partOf(image, 'initrds'))],
    options: [
      'rd.kiwi.install.pass.bootparam',
      `rd.kiwi.install.image=${treeUrl(urls, partOf(image, 'disk'))}`,
      ...splitOptions(fillPlaceholders(image.kernelOptions, urls)),
      // Ours, for iPXE to fill in: the installer brings up the card that the machine booted from.
      `BOOTIF=01-\${mac:hexhyp}`,
      `razorurl=${urls.postInstall}`,
    ],
  }),
}

async function recognise(tree: Tree, settings: JsonObject): Promise<Recognised | undefined> {
  const isMeant = settings['kind'] === 'kiwi' || tree.files.some(KERNEL.matches)
  if (!isMeant) return undefined
  const kernel = needed(findPart(tree, settings, KERNEL), 'kernel pxeboot.kernel')
  const initrd = needed(findPart(tree, settings, INITRD), 'initrd pxeboot.initrd.xz')
  const disk = needed(findPart(tree, settings, DISK), 'disk *.xz')
  const append = findPart(tree, settings, APPEND)
  const own = optionsSetting(settings)
  if (own !== undefined) checkPlaceholders(own)
  const kernelOptions = own ?? (await readAppend(tree, append))
  const parts = {
    kernel: [kernel],
    initrds: [initrd],
    disk: [disk],
    ...(append === undefined ? {} : { append: [append] }),
  }
  return { label: labelSetting(settings) ?? disk.replace(/\.xz$/, ''), parts, kernelOptions }
}

function needed(file: string | undefined, what: string): string {
  if (file === undefined) throw new ProvisionError('invalid', `it looks like a KIWI image but has no ${what}`)
  return file
}

/** The image's own options without the example address that KIWI writes into them. */
async function readAppend(tree: Tree, append: string | undefined): Promise<string> {
  if (append === undefined) return WITHOUT_APPEND
  const options = readKernelOptions(await tree.readText(append), append)
  return splitOptions(options)
    .filter((word) => !word.startsWith('rd.kiwi.install.image='))
    .join(' ')
}
