import type { Mac } from '../../../core/identity.ts'

/** Stands for "this is the installer's start, not an installed system's". */
const RUN = 'runweasel'

/** Makes the installer look for its medium in a CD drive. */
const CD_BOOT = 'cdromBoot'

/** Whatever an older file says of the network and of the kickstart is not true of this boot. */
const OWNED = new Set(['ks', 'bootif', 'netdevice', 'ksdevice', 'ip', 'netmask', 'gateway', 'nameserver', 'vlanid'])

/** What a boot of one host puts into `kernelopt=`. */
export interface OptionChanges {
  /** The kickstart's address. */
  readonly ks: string
  /** The card by which the installer fetches it. */
  readonly mac: Mac | undefined
  /** The image's and the operator's own words, the strongest last. */
  readonly own: readonly string[]
}

/** Makes the kernel options of a boot out of those of the image's own boot.cfg. Done twice, it gives the same. */
export function rewriteOptions(stock: string, { ks, mac, own }: OptionChanges): string {
  const isKept = (word: string, names: ReadonlySet<string>) => !isOurs(word) && !names.has(nameOf(word))
  const ownWords = strongest(own.filter((word) => !isOurs(word)))
  const names = new Set([...OWNED, ...ownWords.map(nameOf)])
  const kept = splitWords(stock).filter((word) => isKept(word, names))
  return [RUN, ...kept, `ks=${ks}`, ...(mac === undefined ? [] : [bootIf(mac)]), ...ownWords].join(' ')
}

/** Which card the machine booted from, as the installer wants it: 01 is Ethernet. */
export function bootIf(mac: Mac): string {
  return `BOOTIF=01-${mac.replaceAll(':', '-')}`
}

/** A word's name is what it sets; kernels and installer take it in any case. */
export function nameOf(word: string): string {
  return word.replace(/=.*$/s, '').toLowerCase()
}

/** Whether only the server itself may say this. */
export function isReserved(word: string): boolean {
  return ['ks', 'bootif'].includes(nameOf(word))
}

/** Of words that set the same, the last one. */
function strongest(words: readonly string[]): readonly string[] {
  const names = words.map(nameOf)
  return words.filter((_, index) => names.lastIndexOf(names[index] ?? '') === index)
}

function isOurs(word: string): boolean {
  return [RUN.toLowerCase(), CD_BOOT.toLowerCase()].includes(word.toLowerCase())
}

/** Splits kernel options at blanks, but not inside quotes, as the installer does. Quotes stay; a quote without its end is a letter. */
export function splitWords(options: string): readonly string[] {
  return options.match(/(?:"[^"]*"|'[^']*'|[^ \t])+/g) ?? []
}

/** Whether the installer, which reads its options as a shell would, could not read these. */
export function hasOpenQuote(options: string): boolean {
  return /["']/.test(options.replace(/"[^"]*"|'[^']*'/g, ''))
}
