import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mergeConfigs, readHostConfig } from '../../../core/config/read-config.ts'
import type { InstallRequest } from '../../kind.ts'

/** The program that makes an installed ESXi what its description says; ESXi's own Python runs it. It is packed as it is. */
const PROGRAM = join(import.meta.dirname, '../../../../templates/kinds/esxi/configure')

/** Read once: it comes with the package. */
let program: ReadonlyMap<string, string> | undefined

/** Whether anything is said of what the host is to be. */
export function isDescribed({ description }: Pick<InstallRequest, 'description'>): boolean {
  return Object.keys(mergeConfigs(description)).length > 0
}

/**
 * The program and what it reads, `host-config.json` beside it; nothing for a host that nobody described.
 * @throws {ProvisionError} invalid, for a description that is wrong
 */
export function configureFiles(request: InstallRequest): { readonly [name: string]: string } {
  if (!isDescribed(request)) return {}
  program ??= readProgram()
  const { urls, host, mac } = request
  const input = {
    ...readHostConfig(request.description),
    server: { report: urls.report, health: `${urls.base}/healthz` },
    boot_mac: mac ?? host.macs[0],
  }
  return { ...Object.fromEntries(program), 'host-config.json': `${JSON.stringify(input, undefined, 2)}\n` }
}

function readProgram(): ReadonlyMap<string, string> {
  const names = readdirSync(PROGRAM).filter((name) => name.endsWith('.py'))
  return new Map(names.map((name) => [`configure/${name}`, readFileSync(join(PROGRAM, name), 'utf8')]))
}
