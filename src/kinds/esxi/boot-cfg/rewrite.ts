import type { BootCfg, ListedFile } from './boot-cfg.ts'
import { type OptionChanges, rewriteOptions } from './kernel-options.ts'

/** What a boot of one host makes of the image's own boot.cfg. */
export interface BootCfgChanges extends OptionChanges {
  /** The address below which the image's files are. */
  readonly prefix: string
  readonly title: string
  /** Seconds in which a person may stop the start. */
  readonly timeout: number
  /** Without UEFI's runtime services: for firmware that hangs in them. */
  readonly norts: boolean
  /** The file name of the host's own module; whatever stands behind its last slash is what it is known by. */
  readonly moduleName: string
  /** Its address; `undefined` for a boot without one. */
  readonly module: string | undefined
}

/** Seconds that a fatal error of mboot stands on the console. Without it mboot hangs there for ever; loaders before 8.0.2 do not know it. */
const ERROR_SECONDS = 60

/** Makes the boot.cfg of one boot out of the image's own. Done twice, it gives the same. */
export function rewriteBootCfg(stock: BootCfg, changes: BootCfgChanges): BootCfg {
  const isOurs = ({ path }: ListedFile) => lastPart(path) === changes.moduleName
  const local = (files: readonly ListedFile[]) =>
    files.map((file) => ({ ...file, path: localName(file.path) })).filter(({ path }) => path !== '')
  const modules = local(stock.modules).filter((file) => !isOurs(file))
  const { timeout, norts } = changes
  return {
    ...stock,
    title: changes.title,
    prefix: changes.prefix,
    kernel: localName(stock.kernel ?? '') || undefined,
    crypto: localName(stock.crypto ?? '') || undefined,
    acpitables: local(stock.acpitables),
    kernelopt: rewriteOptions(stock.kernelopt ?? '', changes),
    modules: changes.module === undefined ? modules : [...modules, { path: changes.module, options: '' }],
    numbers: { ...stock.numbers, timeout, errtimeout: ERROR_SECONDS, ...(norts ? { norts: 1 } : {}) },
  }
}

/**
 * A name as the image's files have it: lower case, relative. Stock files have a slash before each name, or before some, and mboot then
 * asks the root of the server. An address is somebody else's file and stays.
 */
export function localName(path: string): string {
  if (path.includes('://')) return path
  return path.replaceAll(' ', '').replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase()
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
