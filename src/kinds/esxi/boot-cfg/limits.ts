import type { Limit } from '../../../core/limit.ts'
import type { BootCfg, ListedFile } from './boot-cfg.ts'
import { hasOpenQuote } from './kernel-options.ts'
import { resolvePath } from './paths.ts'
import { printFile } from './print.ts'

/** The limits of every known release of mboot, in bytes without C's final NUL. */
const LONGEST = { commandLine: 4095, module: 255, title: 127 }

/** mboot moves a file's data and its name by a table of 512 entries; it gave up at 1000 modules and loads 200. */
const MOST_MODULES = 480

/** mboot keeps it in a byte with a sign. */
const LONGEST_TIMEOUT = 127

/** ` BOOTIF=01-` and an address, which mboot itself puts behind options that have none. */
const BOOTIF_LENGTH = ' BOOTIF=01-00-00-00-00-00-00'.length

/** Says, a sentence each, what of a boot.cfg mboot would refuse or hang at; most of that only after everything was loaded. */
export function findLimits(cfg: BootCfg): string[] {
  return [...kernelLimits(cfg), ...moduleLimits(cfg), ...otherLimits(cfg)]
}

/** How near a boot.cfg is to all that mboot takes. */
export function listLimits(cfg: BootCfg): Limit[] {
  const modules = cfg.modules.map((module) => ({ name: shorten(module.path), length: moduleLength(cfg, module) }))
  const longest = modules.reduce((most, one) => (one.length > most.length ? one : most), { name: 'none', length: 0 })
  const inBytes = { unit: 'bytes' }
  return [
    {
      what: 'kernel command line of boot.cfg, with the kernel and its address',
      value: commandLineLength(cfg),
      most: LONGEST.commandLine,
      ...inBytes,
    },
    { what: 'modules of boot.cfg', value: cfg.modules.length, most: MOST_MODULES, unit: '' },
    {
      what: `longest module of boot.cfg, with its address and options (${longest.name})`,
      value: longest.length,
      most: LONGEST.module,
      ...inBytes,
    },
    { what: 'title of boot.cfg', value: bytes(cfg.title ?? ''), most: LONGEST.title, ...inBytes },
    { what: 'timeout of boot.cfg', value: cfg.numbers.timeout ?? 0, most: LONGEST_TIMEOUT, unit: 'seconds' },
  ]
}

function kernelLimits(cfg: BootCfg): string[] {
  if (cfg.kernel === undefined) return ['boot.cfg names no kernel (kernel=); mboot refuses it']
  const length = commandLineLength(cfg)
  if (length <= LONGEST.commandLine) return []
  return [
    `the kernel command line has ${length} bytes with the kernel's address; mboot hangs at more than ${LONGEST.commandLine}`,
  ]
}

function commandLineLength(cfg: BootCfg): number {
  const kernel = cfg.kernel === undefined ? '' : resolvePath(cfg.prefix ?? '', cfg.kernel)
  const options = cfg.kernelopt ?? ''
  const added = /(?:^| )BOOTIF=/.test(options) || (cfg.numbers.nobootif ?? 0) !== 0 ? 0 : BOOTIF_LENGTH
  return bytes(options === '' ? kernel : `${kernel} ${options}`) + added
}

function moduleLimits(cfg: BootCfg): string[] {
  const { length } = cfg.modules
  const tooMany = length > MOST_MODULES ? [`boot.cfg names ${length} modules; mboot takes at most ${MOST_MODULES}`] : []
  return [...tooMany, ...cfg.modules.flatMap((module) => moduleLimit(cfg, module))]
}

function moduleLimit(cfg: BootCfg, module: ListedFile): string[] {
  const length = moduleLength(cfg, module)
  if (length <= LONGEST.module) return []
  return [
    `module ${shorten(module.path)} has ${length} bytes with its address and its options; mboot takes at most ${LONGEST.module}`,
  ]
}

function moduleLength(cfg: BootCfg, module: ListedFile): number {
  return bytes(printFile({ ...module, path: resolvePath(cfg.prefix ?? '', module.path) }))
}

function otherLimits(cfg: BootCfg): string[] {
  const found: string[] = []
  const titleLength = bytes(cfg.title ?? '')
  const timeout = cfg.numbers.timeout ?? 0
  if (titleLength > LONGEST.title) found.push(`title has ${titleLength} bytes; mboot shows at most ${LONGEST.title}`)
  if (timeout < 0 || timeout > LONGEST_TIMEOUT) found.push(`timeout is ${timeout}; mboot takes 0 to ${LONGEST_TIMEOUT}`)
  if ((cfg.numbers.skip ?? 0) !== 0) found.push(`skip is ${cfg.numbers.skip}; mboot then ends without starting ESXi`)
  if (hasOpenQuote(cfg.kernelopt ?? '')) found.push('kernelopt has a quote without its end; the installer stops at it')
  // The mark makes the first line one that mboot does not know.
  if (cfg.others[0]?.startsWith('\ufeff') === true) {
    found.push('boot.cfg begins with a byte order mark; mboot does not see its first line')
  }
  return found
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}

function shorten(path: string): string {
  return path.length > 100 ? `${path.slice(0, 97)}...` : path
}
