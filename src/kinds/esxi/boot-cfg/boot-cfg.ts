import type { NumberKey } from './keys.ts'

/** One file of a list, such as a module: its name or address, and what is told to it. */
export interface ListedFile {
  /** Never empty and without blanks. */
  readonly path: string
  /** Words with single blanks between them; empty for none. */
  readonly options: string
}

/** A boot.cfg as ESXi's loader mboot understands it. A text without a value is `undefined`, as mboot has it. */
export interface BootCfg {
  /** The program that is started. mboot refuses a file without one. */
  readonly kernel: string | undefined
  readonly kernelopt: string | undefined
  readonly title: string | undefined
  /** What goes in front of relative names; without it, the directory that boot.cfg came from. */
  readonly prefix: string | undefined
  /** The file name of the crypto module. */
  readonly crypto: string | undefined
  readonly modules: readonly ListedFile[]
  readonly acpitables: readonly ListedFile[]
  readonly numbers: { readonly [K in NumberKey]?: number }
  /** Lines that mean nothing to mboot, in their order: `build=`, `updated=` and `bootstate=` are for the installed system. */
  readonly others: readonly string[]
}
