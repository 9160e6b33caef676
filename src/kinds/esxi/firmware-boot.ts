import type { Image } from '../../core/image.ts'
import type { BootFile, FirmwareBoot } from '../kind.ts'
import { LONGEST_TITLE } from './make-boot-cfg.ts'

/** How long the loader shows why it leaves, in seconds. */
const SHOWN = 10

/**
 * UEFI firmware starts mboot over HTTP by itself. mboot looks for its configuration beside itself, in a directory named after its card, and
 * then in its own; and for crypto64.efi.
 */
export const firmwareBoot: FirmwareBoot = {
  loaders: { 'mboot.efi': 'mboot', 'mboot-arm64.efi': 'mbootArm' },
  beside: { 'crypto64.efi': 'crypto' },
  newest,
  leave,
}

/** A newer mboot boots an older ESXi, and not the other way round. */
function newest(images: readonly Image[]): Image | undefined {
  return images.reduce<Image | undefined>(
    (best, one) => (best === undefined || isNewer(one, best) ? one : best),
    undefined,
  )
}

function isNewer(one: Image, other: Image): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [mine = 0, theirs = 0] = [a[at], b[at]]
    if (mine !== theirs) return mine > theirs
  }
  return one.changedAt > other.changedAt
}

/** Version and build, as they stand in the label: `VMware ESXi 8.0.3 build 24280767`. One that an operator chose may have none. */
function numbersOf({ label = '' }: Image): readonly number[] {
  const version = /\d+(?:\.\d+)+/.exec(label)?.[0].split('.') ?? []
  const padded = [0, 1, 2, 3].map((at) => version[at] ?? '0')
  return [...padded, /\bbuild (\d+)/.exec(label)?.[1] ?? '0'].map(Number)
}

/**
 * A boot.cfg with a kernel that is nowhere. Were there no boot.cfg, mboot would stay on its error for ever; a kernel that it cannot find ends
 * it by `errtimeout`, with an error, so that the firmware goes on to the next entry of its boot order. Loaders before 8.0.2 do not know the
 * key and stay.
 */
function leave(text: string, base: string): BootFile {
  const title = text.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_TITLE)
  const lines = [`title=${title}`, 'timeout=0', `errtimeout=${SHOWN}`, `prefix=${base}/uefi/nothing`, 'kernel=none']
  return { type: 'text/plain; charset=utf-8', body: lines.map((line) => `${line}\n`).join('') }
}
