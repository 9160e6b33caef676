import { type BootUrls, treeUrl } from '../core/boot-urls.ts'
import { ProvisionError } from '../core/errors.ts'
import { quoted } from '../core/identity.ts'

/** The addresses of a boot that an operator's kernel options may name. */
const ADDRESS: { readonly [placeholder: string]: (urls: BootUrls) => string } = {
  '@BASE@': (urls) => urls.base,
  '@BOOT@': (urls) => urls.boot,
  '@FINISH@': (urls) => urls.finish,
  '@FAIL@': (urls) => urls.fail,
  '@REPORT@': (urls) => urls.report,
  '@POST_INSTALL@': (urls) => urls.postInstall,
  '@TREE@': (urls) => treeUrl(urls, '').replace(/\/$/, ''),
}

/** What a host is to be on its networks, for `network-config=`. Only its own boot can fill it. */
export const NETWORK_CONFIG = '@NETWORK_CONFIG@'

const PLACEHOLDER = /@[A-Z][A-Z_]*@/g

/** The placeholders in kernel options, in order. */
export function placeholdersOf(options: string): readonly string[] {
  return options.match(PLACEHOLDER) ?? []
}

/**
 * Refuses a placeholder that nothing will replace: a machine would take it for an address.
 * @throws {ProvisionError} invalid
 */
export function checkPlaceholders(options: string, more: readonly string[] = []): void {
  const known = [...Object.keys(ADDRESS), NETWORK_CONFIG, ...more]
  const unknown = placeholdersOf(options).find((word) => !known.includes(word))
  if (unknown === undefined) return
  throw new ProvisionError('invalid', `kernel options name ${quoted(unknown)}; there are ${known.join(' ')}`)
}

/** Puts a boot's addresses in the place of placeholders, in one pass: what is put in is not looked at again. */
export function fillPlaceholders(
  options: string,
  urls: BootUrls,
  more: { readonly [placeholder: string]: string } = {},
): string {
  return options.replace(PLACEHOLDER, (word) => more[word] ?? ADDRESS[word]?.(urls) ?? word)
}
