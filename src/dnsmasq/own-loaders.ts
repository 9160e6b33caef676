import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cardName, type Mac } from '../core/identity.ts'

/** The tag of hosts whose firmware starts the loader of their image by HTTP, and no iPXE. */
export const OWN_LOADER = 'own-loader'

/** By the tags of firmware that can; the names are those below `/uefi/`. */
const LOADERS = [
  ['httpx64', 'mboot.efi'],
  ['httparm64', 'mboot-arm64.efi'],
] as const

/** Below a folder, where dnsmasq looks for hosts and for options. */
export function ownLoaderFolders(folder: string): readonly [hosts: string, options: string] {
  return [join(folder, 'hosts'), join(folder, 'options')]
}

/**
 * Writes which hosts start without iPXE, in folders that dnsmasq watches. What is new counts at once; what is gone when it is reloaded.
 * @param cards of these hosts
 * @param base the boot door, as machines reach it
 * @returns whether anything is other than it was
 */
export function writeOwnLoaders(folder: string, cards: readonly Mac[], base: string): boolean {
  const [hosts, options] = ownLoaderFolders(folder)
  const tagOf = (mac: Mac) => `card-${mac.replaceAll(':', '')}`
  // As for all others: firmware and the installed system are one machine.
  const isOther = write(
    hosts,
    cards.map((mac) => `${mac},id:*,set:${OWN_LOADER},set:${tagOf(mac)}`),
  )
  const lines = cards.flatMap((mac) =>
    LOADERS.map(
      ([tag, name]) =>
        `tag:${tagOf(mac)},tag:${tag},tag:!ipxe,option:bootfile-name,${base}/uefi/${cardName(mac)}/${name}`,
    ),
  )
  return write(options, lines) || isOther
}

/**
 * dnsmasq reads a file when it gets its name; it must be whole then. One without hosts stays, empty: of one that is gone dnsmasq complains. Names with a dot in front it leaves alone.
 */
function write(folder: string, lines: readonly string[]): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const file = join(folder, 'metalspray')
  const text = lines.map((line) => `${line}\n`).join('')
  if (text === readIfThere(file)) return false
  const next = join(folder, '.metalspray.new')
  writeFileSync(next, text, { mode: 0o644 })
  renameSync(next, file)
  return true
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
