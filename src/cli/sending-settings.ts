import { totalmem } from 'node:os'
import { refuse, type SettingsReader } from './settings.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 }
/** Holds the modules of two or three releases of ESXi. */
const MOST_BY_ITSELF = 2e9

/** Reads how many bytes of files may be kept in memory. */
export function readCache(settings: SettingsReader): number {
  return settings.read('cache', readSize) ?? usualCache(totalmem(), process.constrainedMemory())
}

/**
 * A quarter of the memory that there is, within bounds.
 * @param allowed what a container may use, in bytes; as Node tells it, 0 or more than there is means no limit
 */
export function usualCache(total: number, allowed: number): number {
  const memory = allowed > 0 ? Math.min(total, allowed) : total
  return Math.min(Math.floor(memory / 4), MOST_BY_ITSELF)
}

/** @throws {ProvisionError} invalid */
export function readSize(text: string): number {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?) ?(?:([KMG])?B?)?$/i.exec(text.trim()) ?? []
  const factor = UNITS[unit.toUpperCase()]
  if (number === undefined || factor === undefined) throw refuse('is not a size like 512MB or 2GB (0 for none)')
  return Math.round(Number(number) * factor)
}

/** The address under which nginx has the images folder; reads it with what else it takes to stand behind nginx. */
export function readAccelRedirect(settings: SettingsReader): string | undefined {
  const prefix = settings.read('accelRedirect', readPrefix)
  if (settings.isGiven('accelRedirect') && !settings.isGiven('baseUrl')) {
    const given = settings.called('accelRedirect')
    settings.wrong(`${given} is for a server behind nginx; it needs --base-url, nginx' address as machines reach it`)
  }
  return prefix
}

function readPrefix(text: string): string {
  if (!/^\/(?:[\w.-]+\/)+$/.test(text) || text.includes('/../')) throw refuse('is not a path like /internal/')
  return text
}
