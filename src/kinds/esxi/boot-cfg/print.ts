import type { BootCfg, ListedFile } from './boot-cfg.ts'
import type { TextKey } from './keys.ts'

/**
 * Writes a boot.cfg. The kernel comes last: iPXE does not tell mboot of an answer that was cut off, and what is left of such a file
 * then has no kernel, which mboot refuses, where it would otherwise start a kernel without its modules.
 */
export function printBootCfg(cfg: BootCfg): string {
  const text = (key: TextKey): string[] => (cfg[key] === undefined ? [] : [`${key}=${cfg[key]}`])
  const lines = [
    ...cfg.others,
    ...text('title'),
    ...Object.entries(cfg.numbers).map(([key, value]) => `${key}=${value}`),
    ...text('prefix'),
    ...text('crypto'),
    ...list('acpitables', cfg.acpitables),
    ...text('kernelopt'),
    ...list('modules', cfg.modules),
    ...text('kernel'),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function list(key: string, files: readonly ListedFile[]): readonly string[] {
  return files.length === 0 ? [] : [`${key}=${files.map(printFile).join(' --- ')}`]
}

/** One file of a list with its options, as mboot counts its length. */
export function printFile({ path, options }: ListedFile): string {
  return options === '' ? path : `${path} ${options}`
}
