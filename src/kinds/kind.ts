import type { BootUrls } from '../core/boot-urls.ts'
import type { Image } from '../core/image.ts'
import type { JsonObject } from '../core/json.ts'
import type { Tree } from '../images/tree.ts'

export type { Tree }

/** What a kind makes of a directory. */
export type Recognised = Pick<Image, 'label' | 'parts' | 'kernelOptions'>

/** What a kind's boot script tells iPXE to load, by address: a Linux kernel with its initrds and its command line. */
export interface KernelBoot {
  readonly kernel: string
  readonly initrds: readonly string[]
  /** Words of the kernel command line, in order; iPXE settings such as `${mac:hexhyp}` may be part of them. */
  readonly options: readonly string[]
}

/** One way to be an image: how it is recognised and how it is booted. All kinds stand in the table in `kinds.ts`. */
export interface Kind {
  readonly name: string
  /** What it looks for, for the message that nothing was recognised: `pxeboot.kernel, pxeboot.initrd.xz and a disk *.xz`. */
  readonly looksFor: string
  /**
   * @param settings the directory's `image.json`, `{}` without one
   * @returns `undefined` when the directory is not of this kind
   * @throws {ProvisionError} invalid, when it is meant to be of this kind but cannot be booted
   */
  recognise(tree: Tree, settings: JsonObject): Promise<Recognised | undefined>
  /** What its script loads; `undefined` for a kind whose images bring their own script. */
  boot(image: Image, urls: BootUrls): KernelBoot | undefined
}
