import { type BootUrls, treeUrl } from '../core/boot-urls.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import { INSTALLER_FILES, installerFile, installerWarnings } from './installers/installers.ts'
import { optionsSetting, splitOptions } from './kernel-options.ts'
import type { Kind, Recognised, Tree } from './kind.ts'
import { findPart, labelSetting, namedParts, type PartSearch, partOf } from './parts.ts'
import { checkPlaceholders, fillPlaceholders, placeholdersOf } from './placeholders.ts'

const KERNEL: PartSearch = {
  role: 'kernel',
  matches: (file) => /^(?:vmlinu[xz].*|linux|bzImage|.+\.kernel)$/.test(file),
  prefer: ['vmlinuz', 'linux', 'bzImage'],
}

const INITRD: PartSearch = {
  role: 'initrds',
  matches: (file) => /^(?:initrd|initramfs).*$|\.initrd(?:\.\w+)?$/.test(file),
  prefer: ['initrd', 'initrd.img', 'initrd.gz', 'initrd.xz', 'initramfs.img', 'initramfs'],
}

/** Any Linux kernel with its initrds and its command line: what an operator's own installer usually is. */
export const linux: Kind = {
  name: 'linux',
  looksFor: 'a kernel (vmlinuz*, linux, bzImage) and an initrd (initrd*, initramfs*), or both named in image.json',
  recognise,
  bootFiles: () => INSTALLER_FILES,
  bootFile: async (name, request) => installerFile(name, request),
  warnings: async (request) => installerWarnings(request),
  boot: (image: Image, urls: BootUrls) => {
    const options = splitOptions(fillPlaceholders(image.kernelOptions, urls))
    return {
      kernel: treeUrl(urls, partOf(image, 'kernel')),
      initrds: (image.parts['initrds'] ?? []).map((file) => treeUrl(urls, file)),
      // An installer that is told no address at all could never say that it is done.
      options: placeholdersOf(image.kernelOptions).length > 0 ? options : [...options, `metalspray=${urls.boot}`],
    }
  },
}

async function recognise(tree: Tree, settings: JsonObject): Promise<Recognised | undefined> {
  const isMeant = settings['kind'] === 'linux'
  const kernel = findPart(tree, settings, KERNEL)
  const initrds = namedParts(tree, settings, 'initrds') ?? guessInitrd(tree, settings)
  if (kernel === undefined) {
    if (isMeant) throw new ProvisionError('invalid', 'it has no kernel; name one in image.json')
    return undefined
  }
  // A kernel may carry its initrd inside, but a directory that holds nothing but a kernel is not taken for that by itself.
  if (initrds.length === 0 && !isMeant) return undefined
  const kernelOptions = optionsSetting(settings) ?? ''
  checkPlaceholders(kernelOptions)
  return { label: labelSetting(settings), parts: { kernel: [kernel], initrds }, kernelOptions }
}

function guessInitrd(tree: Tree, settings: JsonObject): readonly string[] {
  const initrd = findPart(tree, settings, INITRD)
  return initrd === undefined ? [] : [initrd]
}
