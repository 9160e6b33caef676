import { join, resolve } from 'node:path'
import { configOrigins } from '../commands/config/config-origins.ts'
import { findHost } from '../commands/find-host.ts'
import { CONFIG_KEY } from '../core/config/model.ts'
import { ProvisionError } from '../core/errors.ts'
import { nameOf } from '../core/host.ts'
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts'
import { formatValue, type SettingChange } from '../core/setting.ts'
import { readImageJson } from '../images/image-json.ts'
import type { Store } from '../store/store.ts'
import type { Terminal } from './terminal.ts'
import { columns, printable, toJson } from './text.ts'

/**
 * Reads what hosts are to be from a file or folder, and says what it was taken for and what is left out.
 * @throws {ProvisionError} as {@link loadDescription}
 */
export async function readConfigChange(terminal: Terminal, path: string): Promise<SettingChange> {
  const { loadDescription } = await import('../commands/config/load-description.ts')
  const { form, config, warnings } = await loadDescription(resolve(terminal.cwd, path), path)
  terminal.say(`${printable(path)} is read as ${form}`)
  for (const warning of warnings) terminal.say(`warning: ${printable(warning)}`)
  return { path: [CONFIG_KEY], value: config }
}

/** A line for each setting, and for lists of links, networks or users one for each item. */
function rowsOf({
  path,
  value,
  from,
}: {
  readonly path: string
  readonly value: Json
  readonly from: string
}): string[][] {
  if (!Array.isArray(value) || !value.some(isJsonObject)) return [[path, formatValue(value), from]]
  return value.map((item: Json, at) => [`${path}[${at}]`, formatValue(item), from])
}

/** What is wrong with one is told where its image is listed, and keeps nobody from the rest. */
async function tryImageJson(directory: string): Promise<JsonObject> {
  try {
    return await readImageJson(directory)
  } catch (error) {
    if (error instanceof ProvisionError) return {}
    throw error
  }
}

/** Prints what each of these hosts is to be, and who says so. @throws {ProvisionError} not-found; conflict */
export async function showConfigs(
  terminal: Terminal,
  store: Store,
  { hosts, isJson, images }: { readonly hosts: readonly string[]; readonly isJson: boolean; readonly images: string },
): Promise<void> {
  const deps = { store, imageJson: (image: string) => tryImageJson(join(images, image)) }
  const shown = await Promise.all(
    hosts.map(async (text) => {
      const host = await findHost(store, text)
      return { host, ...(await configOrigins(deps, host)) }
    }),
  )
  if (isJson) {
    const faces = shown.map(({ host, settings, problems }) => ({
      ...{ id: host.id, hostname: host.hostname ?? null, problems },
      settings: settings.map(({ path, value, from }) => ({ path, value, from })),
    }))
    terminal.out(toJson(faces.length === 1 ? faces[0] : faces))
    return
  }
  for (const { host, settings, problems } of shown) {
    terminal.out(terminal.colors.bold(nameOf(host)))
    if (settings.length === 0)
      terminal.out('  nothing is said of what it is to be: --config FILE, or --set config.hostname=NAME')
    const rows = settings.flatMap(rowsOf).map((row) => row.map(printable))
    for (const line of columns(['', '', ''], rows).slice(1)) terminal.out(`  ${line}`)
    for (const problem of problems) terminal.out(`  ${terminal.colors.red('wrong:')} ${printable(problem)}`)
  }
}
