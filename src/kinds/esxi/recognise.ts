import { ProvisionError } from '../../core/errors.ts'
import { isJsonObject, type JsonObject } from '../../core/json.ts'
import type { Tree } from '../../images/tree.ts'
import { optionsSetting } from '../kernel-options.ts'
import type { Recognised } from '../kind.ts'
import { labelSetting } from '../parts.ts'
import type { BootCfg } from './boot-cfg/boot-cfg.ts'
import { parseBootCfg } from './boot-cfg/parse.ts'
import { localName } from './boot-cfg/rewrite.ts'
import { detectRelease, releaseLabel } from './release.ts'
import { findSnippets } from './snippets.ts'

/** Where media have their boot.cfg; both say the same, but for the firmware that they are for. */
const BOOT_CFGS = ['efi/boot/boot.cfg', 'boot.cfg']

/** The loader for each firmware, and the module beside them that mboot 7.0.2 and later verifies signatures with. */
const PROGRAMS = {
  mboot: 'efi/boot/bootx64.efi',
  mbootArm: 'efi/boot/bootaa64.efi',
  mbootBios: 'mboot.c32',
  crypto: 'efi/boot/crypto64.efi',
} as const

const LOADERS = [PROGRAMS.mboot, PROGRAMS.mbootArm, PROGRAMS.mbootBios]

/** Takes a directory for ESXi's when it has a boot.cfg and files of ESXi's kinds beside it. */
export async function recogniseEsxi(tree: Tree, settings: JsonObject): Promise<Recognised | undefined> {
  const isMeant = settings['kind'] === 'esxi'
  if (!isMeant && !tree.files.some((file) => /(?:^|\/)(?:t?boot|b|k|s)\.[bv]00$/i.test(file))) return undefined
  refuseUpperCase(tree)
  const bootCfg = BOOT_CFGS.find((file) => tree.files.includes(file))
  if (bootCfg === undefined) {
    if (!isMeant) return undefined
    throw new ProvisionError('invalid', 'it has no efi/boot/boot.cfg and no boot.cfg')
  }
  const cfg = parseBootCfg(await tree.readText(bootCfg))
  const { kernel, modules } = requireFiles(tree, bootCfg, cfg)
  const found = Object.entries(PROGRAMS).filter(([, file]) => tree.files.includes(file))
  const snippets = findSnippets(tree.files)
  const parts = {
    kernel: [kernel],
    modules,
    bootCfg: [bootCfg],
    ...Object.fromEntries(found.map(([role, file]) => [role, [file]])),
    ...(snippets.length === 0 ? {} : { snippets }),
  }
  return {
    label:
      labelSetting(settings) ?? releaseLabel(await detectRelease(tree, settings, await bothCfgs(tree, bootCfg, cfg))),
    parts,
    kernelOptions: optionsSetting(settings) ?? '',
    ...esxiSettings(settings),
  }
}

/** Media have upper-case names, boot.cfg names lower-case ones: the import makes them agree, a copy by hand does not. */
function refuseUpperCase(tree: Tree): void {
  const isBootCfg = (file: string) => BOOT_CFGS.includes(file.toLowerCase())
  const upper = tree.files.find((file) => isBootCfg(file) && file !== file.toLowerCase())
  if (upper === undefined || tree.files.some((file) => BOOT_CFGS.includes(file))) return
  throw new ProvisionError(
    'invalid',
    `it looks like a copy of an ESXi medium by hand: its names are upper case (${upper}); import the ISO or the directory instead (metalspray import)`,
  )
}

/**
 * Looks up everything that boot.cfg names.
 * @throws {ProvisionError} invalid, with all that is missing
 */
function requireFiles(
  tree: Tree,
  bootCfg: string,
  cfg: BootCfg,
): { readonly kernel: string; readonly modules: readonly string[] } {
  const files = new Set(tree.files)
  const kernel = localName(cfg.kernel ?? '')
  // Addresses are somebody else's files.
  const modules = cfg.modules.map(({ path }) => localName(path)).filter((path) => path !== '' && !path.includes('://'))
  if (kernel === '' || kernel.includes('://'))
    throw new ProvisionError('invalid', `its ${bootCfg} names no kernel of its own`)
  if (modules.length === 0) throw new ProvisionError('invalid', `its ${bootCfg} names no modules`)
  // mboot looks for these as it does for modules, and stops without them; a crypto module it can do without.
  const tables = cfg.acpitables.map(({ path }) => localName(path)).filter((path) => !path.includes('://'))
  const missing = [...new Set([kernel, ...modules, ...tables].filter((file) => file !== '' && !files.has(file)))]
  if (missing.length > 0) {
    const what = missing.length === 1 ? 'a file that is' : `${missing.length} files that are`
    throw new ProvisionError('invalid', `its ${bootCfg} names ${what} not there: ${missing.join(', ')}`)
  }
  if (!LOADERS.some((file) => files.has(file))) {
    throw new ProvisionError('invalid', `it has no loader: none of ${LOADERS.join(', ')}`)
  }
  return { kernel, modules }
}

/** The other boot.cfg may know the build when the first one does not. */
async function bothCfgs(tree: Tree, bootCfg: string, cfg: BootCfg): Promise<readonly BootCfg[]> {
  const other = BOOT_CFGS.find((file) => file !== bootCfg && tree.files.includes(file))
  if (other === undefined) return [cfg]
  try {
    return [cfg, parseBootCfg(await tree.readText(other))]
  } catch {
    return [cfg] // nobody boots by it
  }
}

function esxiSettings(settings: JsonObject): Pick<Recognised, 'settings'> {
  const { esxi } = settings
  if (esxi === undefined) return {}
  if (isJsonObject(esxi)) return { settings: esxi }
  throw new ProvisionError('invalid', 'esxi in image.json is not an object')
}
