import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { importKnownHosts, readKnownHosts, type TakenOver } from '../commands/import-known-hosts.ts'
import { databaseFile, makeStore, openStore } from '../commands/open-store.ts'
import { ProvisionError } from '../core/errors.ts'
import { type Host, nameOf } from '../core/host.ts'
import { formatPlan } from '../core/plan.ts'
import { count } from '../core/words.ts'
import { fileError } from '../images/file-errors.ts'
import type { ImageSnapshot } from '../images/library.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { parseJson } from './json-text.ts'
import { SettingsReader } from './settings.ts'
import { actorOf, type Terminal } from './terminal.ts'

const MORE = `
Hosts that have a plan are held: they wait as failed with their plan kept, and \`edit-host -i ID --retry\` lets one
have it. KIWIspray's list does not tell a plan that waits from one that was forgotten years ago, and nothing shall be
installed by accident. With --keep-plans they are armed, and install at their next boot.`

/** Adds `import-known-hosts`, the way over from KIWIspray. */
export function addImportKnownHosts(program: Command, terminal: Terminal): void {
  const command = program
    .command('import-known-hosts')
    .description("take over the hosts of KIWIspray's known_hosts.json, all or none")
    .argument('<file>', 'known_hosts.json, or - for standard input')
    .option('--keep-plans', 'arm hosts with the plan they have instead of holding them')
    .option('--dry-run', 'say what would be imported, changing nothing')
  addFolderOptions(command, 'data', 'images', 'templates')
    .addHelpText('after', MORE)
    .action(async (file: string) => {
      const settings = new SettingsReader(command, terminal)
      const folders = readFolders(settings, terminal)
      const options = { keepPlans: settings.flag('keepPlans'), at: terminal.now(), by: actorOf(terminal) }
      const isTrial = settings.flag('dryRun')
      settings.done()
      const list = readList(file, await readText(file, terminal))
      const taken = isTrial
        ? readKnownHosts(list, await hostsThere(folders.data), options)
        : await importInto(folders.data, list, options)
      const { openFolders } = await import('./images-folder.ts')
      const { plannableImages } = await import('../commands/workshop.ts')
      tell(terminal, taken, { isTrial, images: await plannableImages(openFolders(folders), folders) })
    })
}

async function importInto(
  data: string,
  list: unknown,
  options: Parameters<typeof importKnownHosts>[2],
): Promise<TakenOver> {
  await using store = makeStore(data)
  return await importKnownHosts(store, list, options)
}

/** A trial makes no database where there is none. */
async function hostsThere(data: string): Promise<readonly Host[]> {
  if (!existsSync(databaseFile(data))) return []
  await using store = openStore(data)
  return await store.listHosts()
}

async function readText(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return await terminal.readInput()
  try {
    return await readFile(resolve(terminal.cwd, file), 'utf8')
  } catch (error) {
    throw fileError(error, file)
  }
}

function readList(file: string, text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw new ProvisionError('invalid', `${file === '-' ? 'standard input' : file} ${error.message}`)
  }
}

function tell(
  terminal: Terminal,
  { hosts, notes }: TakenOver,
  { isTrial, images }: { readonly isTrial: boolean; readonly images: ImageSnapshot },
): void {
  const waiting = hosts.filter((host) => host.plan.images.length > 0)
  const armed = waiting.filter((host) => host.state === 'assigned').length
  const numbers = [
    `${hosts.filter((host) => host.state === 'new').length} new`,
    `${hosts.filter((host) => host.state === 'finished').length} finished`,
    armed > 0 ? `${armed} assigned` : `${waiting.length} held`,
  ]
  terminal.out(`${isTrial ? 'would import' : 'imported'} ${count(hosts.length, 'host')}: ${numbers.join(', ')}`)
  for (const note of notes) terminal.out(`  ${note}; left out`.replace('recognised; left out', 'recognised'))
  if (waiting.length === 0) return
  terminal.out(
    armed > 0 ? 'armed, they install at their next boot:' : 'held, so that nothing is installed by accident:',
  )
  for (const host of waiting) terminal.out(`  ${nameOf(host)}: ${formatPlan(host.plan)}${missingIn(host, images)}`)
  if (armed === 0) terminal.out('let one have its plan with: edit-host -i ID --retry')
}

function missingIn(host: Host, images: ImageSnapshot): string {
  const missing = host.plan.images.filter((name) => images.find(name) === undefined)
  return missing.length === 0 ? '' : ` (not in the images folder: ${missing.join(', ')})`
}
