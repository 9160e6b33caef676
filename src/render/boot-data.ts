import type { BootUrls } from '../core/boot-urls.ts'
import type { Decision } from '../core/decide.ts'
import type { Host, LocalBoot } from '../core/host.ts'
import type { Image } from '../core/image.ts'
import type { Json } from '../core/json.ts'

/** What a boot script loads: a kernel with its initrds and command line. The same shape as `KernelBoot` of `kinds/`. */
export interface KernelLoad {
  /** URLs. */
  readonly kernel: string
  readonly initrds: readonly string[]
  readonly options: readonly string[]
}

/** The server as the machine reached it. */
export interface ServerPlace {
  readonly address: string
  readonly port: number
}

/** What a boot script or a post-install script is made for. */
export interface ScriptRequest {
  readonly host: Host
  readonly urls: BootUrls
  readonly server: ServerPlace
  readonly bootid: string
}

/** A machine's answer to `/bootstrap`. */
export interface BootScriptRequest extends ScriptRequest {
  readonly decision: Decision
  /** What the image's kind loads; `undefined` when it has no say in it. */
  readonly load: KernelLoad | undefined
}

/** The script that an installer runs when its image is on the disk. */
export interface PostInstallRequest extends ScriptRequest {
  /** The image that the boot serves. */
  readonly image: string
  /** What the host is to be, with the hashes of passwords; `undefined` when that cannot be read. */
  readonly config?: Json | undefined
}

/** What every template of a host finds in `it`. */
export interface HostData extends ScriptRequest {}

export interface LocalData extends HostData {
  readonly by: LocalBoot
}

export interface HoldData extends HostData {
  readonly reason: string
}

export interface QueueData extends HostData {
  readonly image: Image
  /** Counted from 1. */
  readonly place: number
  /** How many wait in all. */
  readonly waiting: number
}

export interface InstallData extends HostData, KernelLoad {
  readonly image: Image
}

/** For an image that brings its own script. */
export interface CustomData extends HostData {
  readonly image: Image
}

export interface PostInstallData extends HostData {
  readonly image: string
  readonly config?: Json | undefined
}

/** What scripts for machines without a host of their own are made of. */
export interface BaseData {
  /** The server, as the machine reached it: `http://10.77.0.1:5000`. */
  readonly base: string
}

export interface BootstrapData extends BaseData {
  /** Where iPXE is to send what its console says, if it can: an IPv4 address. */
  readonly syslog?: string | undefined
}

export interface ConflictData extends BaseData {
  readonly hosts: readonly Host[]
  readonly why: string
}

export interface RefusedData extends BaseData {
  readonly reason: string
}
