import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Fetch } from './storm-client.ts'

const MB = 1 << 20

/** How much of the tree its large files are, as in ESXi 8: the guests' tools, the base system, the management agents. */
const LARGE: readonly (readonly [name: string, share: number])[] = [
  ['tools.t00', 0.33],
  ['s.v00', 0.17],
  ['vim.v00', 0.1],
  ['sb.v00', 0.06],
  ['vsan.v00', 0.05],
  ['vsanheal.v00', 0.04],
]
/** Drivers, most of what is left; then those files that are small whatever the size of the tree. */
const DRIVERS = 64
const SMALL = 40

/**
 * Makes a tree like that of an ESXi release: 110 files in the order in which mboot loads them.
 * @returns their names and sizes
 */
export function makeTree(directory: string, megabytes: number): readonly Fetch[] {
  mkdirSync(directory, { recursive: true })
  const total = megabytes * MB
  const small = Array.from({ length: SMALL }, (_, i) => [`small${i}.v00`, 512 + ((i * 7919) % (60 << 10))] as const)
  const large = LARGE.map(([name, share]) => [name, Math.floor(total * share)] as const)
  const rest = total - [...small, ...large].reduce((sum, [, bytes]) => sum + bytes, 0)
  const weights = Array.from({ length: DRIVERS }, (_, i) => 1 + ((i * 37) % 16))
  const weight = weights.reduce((sum, one) => sum + one, 0)
  const drivers = weights.map((one, i) => [`driver${i}.v00`, Math.max(1, Math.floor((rest * one) / weight))] as const)
  return shuffle([...small, ...large, ...drivers]).map(([path, bytes]) => {
    writeFile(join(directory, path), bytes)
    return { path, bytes }
  })
}

/** The same order every time. */
function shuffle<T>(list: readonly T[]): T[] {
  const rank = new Map(list.map((one, i) => [one, createHash('md5').update(`${i}`).digest('hex')]))
  return list.toSorted((a, b) => (rank.get(a) ?? '').localeCompare(rank.get(b) ?? ''))
}

/** Content of its own in every file and at every place of it, so that a piece out of place is found. */
function writeFile(path: string, bytes: number): void {
  const file = openSync(path, 'w')
  for (let at = 0; at < bytes; at += MB) {
    writeSync(file, Buffer.alloc(Math.min(MB, bytes - at), `${path} from ${at} `))
  }
  closeSync(file)
}
