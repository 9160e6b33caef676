import { ProvisionError } from '../../core/errors.ts'
import { quoted } from '../../core/identity.ts'
import { splitOptions } from '../kernel-options.ts'
import type { InstallRequest } from '../kind.ts'
import { partOf } from '../parts.ts'
import type { BootCfg } from './boot-cfg/boot-cfg.ts'
import { hasOpenQuote, isReserved, splitWords } from './boot-cfg/kernel-options.ts'
import { findLimits } from './boot-cfg/limits.ts'
import { parseBootCfg } from './boot-cfg/parse.ts'
import { printBootCfg } from './boot-cfg/print.ts'
import { rewriteBootCfg } from './boot-cfg/rewrite.ts'
import { esxiLayers } from './described.ts'
import { type EsxiSettings, readEsxiSettings } from './settings.ts'

/** The metadata module: 8.3, and none of the names that mboot wants signed (`s`, `sb`, `esxupdt`, `esxcore`). */
export const MODULE_NAME = 'hostmeta.tgz'

/** mboot shows so much of a title. */
export const LONGEST_TITLE = 127

/** Seconds in which a person at the console may stop the start. */
const TIMEOUT = 3

/**
 * Makes the boot.cfg of one boot.
 * @throws {ProvisionError} conflict, with all that its loader would refuse; invalid, for settings that are wrong
 */
export async function makeBootCfg(request: InstallRequest): Promise<string> {
  const { cfg, problems } = await tryBootCfg(request)
  if (problems.length === 0) return printBootCfg(cfg)
  throw new ProvisionError('conflict', problems.join('; '))
}

/** The same for those who want to know all that is wrong, one by one. */
export async function tryBootCfg(
  request: InstallRequest,
): Promise<{ readonly cfg: BootCfg; readonly problems: readonly string[] }> {
  const { host, image, urls } = request
  const settings = readEsxiSettings(esxiLayers(request))
  const module = settings.secureBoot ? undefined : `${urls.boot}/${MODULE_NAME}`
  const stock = parseBootCfg(await request.readText(partOf(image, 'bootCfg')))
  const cfg = rewriteBootCfg(stock, {
    prefix: urls.tree,
    title: `Loading ESXi installer - ${host.hostname ?? `host ${host.id}`}`.slice(0, LONGEST_TITLE),
    timeout: TIMEOUT,
    norts: settings.norts,
    moduleName: MODULE_NAME,
    module,
    ks: `${urls.boot}/ks.cfg`,
    mac: request.mac ?? host.macs[0],
    own: ownOptions(image.kernelOptions, settings),
  })
  const faults = [
    ...optionFaults(image.kernelOptions, 'kernelOptions in image.json'),
    ...optionFaults(settings.kernelOptions, 'esxi.kernelOptions'),
    ...addressFaults(urls.boot),
  ]
  return { cfg, problems: [...faults, ...findLimits(cfg)] }
}

/** The strongest last. */
function ownOptions(ofImage: string, { kernelOptions, systemMediaSize }: EsxiSettings): readonly string[] {
  const size = systemMediaSize === undefined ? [] : [`systemMediaSize=${systemMediaSize}`]
  return [...splitWords(ofImage), ...size, ...splitWords(kernelOptions)]
}

function optionFaults(options: string, where: string): string[] {
  const refuse = (why: string) => [`${where} ${why}`]
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(options)) return refuse('are more than one line')
  if (options.includes('---')) return refuse('hold ---, which parts the names of modules')
  if (hasOpenQuote(options)) return refuse('have a quote without its end')
  const reserved = splitOptions(options).find(isReserved)
  return reserved === undefined ? [] : refuse(`hold ${quoted(reserved)}, which the server sets itself`)
}

/** An address goes into a list of names that end at a blank or at `---`. */
function addressFaults(address: string): string[] {
  if (!/\s|---/.test(address)) return []
  return [`the server's address ${quoted(address)} holds a blank or ---, at which mboot cuts it`]
}
