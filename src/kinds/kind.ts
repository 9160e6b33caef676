import type { BootUrls } from '../core/boot-urls.ts'
import type { Host } from '../core/host.ts'
import type { Mac } from '../core/identity.ts'
import type { Image } from '../core/image.ts'
import type { InstallStage } from '../core/install-progress.ts'
import type { JsonObject } from '../core/json.ts'
import type { Limit } from '../core/limit.ts'
import type { Deadlines } from '../core/watch/deadlines.ts'
import type { Tree } from '../images/tree.ts'

export type { Tree }

/** What a kind makes of a directory. */
export type Recognised = Pick<Image, 'label' | 'parts' | 'kernelOptions' | 'settings' | 'description'>

/** What a kind's boot script tells iPXE to load, by address: a Linux kernel with its initrds and its command line. */
export interface KernelBoot {
  readonly kernel: string
  readonly initrds: readonly string[]
  /** Words of the kernel command line, in order; iPXE settings such as `${mac:hexhyp}` may be part of them. */
  readonly options: readonly string[]
}

/** One image on its way to one host: what its boot's own files are made of, and what is checked before. */
export interface InstallRequest {
  readonly host: Host
  readonly image: Image
  readonly urls: BootUrls
  /** What operators set for images of this kind, the strongest first: for the host, for the image, for the server. */
  readonly settings: readonly JsonObject[]
  /** What the host is to be, whatever is installed, at the same places. */
  readonly description: readonly JsonObject[]
  /** The card that the machine booted from, when it said so. */
  readonly mac: Mac | undefined
  /**
   * Reads a small text file of the image.
   * @throws {ProvisionError} not-found; invalid, when it is not small or not text
   */
  readText(file: string): Promise<string>
  /** Renders a text template of this kind by its name: the image's own, the operator's or the package's. */
  render(template: string, data: object): string
}

/**
 * Reads the beginning of a file of an image.
 * @returns so many bytes, or fewer when the file ends before
 */
export type ReadHead = (file: string, bytes: number) => Promise<Uint8Array>

/** A file that is made for one boot: its whole content. */
export interface BootFile {
  readonly type: string
  readonly body: string | Buffer
}

/** The vendor's installer media of a kind, and directories and archives that hold what was on one. */
export interface Media {
  /** Whether these are the names of such a medium, as they would be in an image. */
  matches(files: ReadonlySet<string>): boolean
  /** What a file or directory is called in the image, part by part of its path. */
  imageName(name: string): string
}

/** What firmware can start by itself of a kind's images, over HTTP and without iPXE: a loader that then asks for its configuration. */
export interface FirmwareBoot {
  /** Its names, by firmware, with the role of each among the parts of an image. */
  readonly loaders: { readonly [name: string]: string }
  /** What the loader looks for beside itself, likewise. */
  readonly beside: { readonly [name: string]: string }
  /** Of several images, the one whose loader is the best for a machine of which nothing is known. */
  newest(images: readonly Image[]): Image | undefined
  /** In place of the configuration of a boot: lets the loader show a text and then give the machine back to its firmware. */
  leave(text: string, base: string): BootFile
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
  /** Looks into the files that matter when an image is imported or checked: what is wrong with them, a sentence each. */
  verify?(parts: Image['parts'], readHead: ReadHead): Promise<readonly string[]>
  /** Whether a file is one that operators add to an image of this kind after its import, beside templates. */
  isOwnFile?(file: string): boolean
  /** For kinds whose images come on media of their own. */
  readonly media?: Media
  /** What its script loads; `undefined` for a kind whose images bring their own script. */
  boot(image: Image, urls: BootUrls): KernelBoot | undefined
  /** The names of the files of a boot that people may want to look at. @param settings as those of {@link InstallRequest} */
  bootFiles?(settings: readonly JsonObject[]): readonly string[]
  /**
   * Makes a file of a boot's own space, `/b/<bootid>/<name>`; `undefined` when images of this kind have none of that name.
   * Asked as often as a loader likes, it gives the same.
   * @throws {ProvisionError} conflict, when the image cannot be installed on this host as things stand
   */
  bootFile?(name: string, request: InstallRequest): Promise<BootFile | undefined>
  /** For kinds whose images need no iPXE. Their loaders ask for `boot.cfg`. */
  readonly firmwareBoot?: FirmwareBoot
  /**
   * In which stage of an install each file is fetched: those of the image by their role in its parts, those made for a boot by
   * their name. Without it the server can only count.
   */
  readonly stages?: {
    readonly parts: { readonly [role: string]: InstallStage }
    readonly files: { readonly [name: string]: InstallStage }
  }
  /** How long its stages may take before an install counts as stalled, where that is not what is usual. */
  readonly deadlines?: Deadlines
  /**
   * What a BIOS loader gets for a file without content: SYSLINUX and its kin take an empty file for one that is not there.
   */
  readonly emptyForBios?: Buffer
  /** Why a loader or an installer would refuse this image on this host, a sentence each; empty when nothing is known to be wrong. */
  problems?(request: InstallRequest): Promise<readonly string[]>
  /** How near what is made for a boot is to what its loader and its installer take; whatever is over that is a problem too. */
  limits?(request: InstallRequest): Promise<readonly Limit[]>
  /** What would go on, but otherwise than it is probably meant, a sentence each. */
  warnings?(request: InstallRequest): Promise<readonly string[]>
}
