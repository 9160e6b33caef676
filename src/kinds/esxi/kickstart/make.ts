import { ProvisionError } from '../../../core/errors.ts'
import type { InstallRequest } from '../../kind.ts'
import { hideHostSecrets } from '../../settings.ts'
import { esxiLayers } from '../described.ts'
import { type EsxiSettings, readEsxiSettings } from '../settings.ts'
import { checkKickstart } from './check.ts'
import { commandsOf, DISK_FILE, installCommand } from './commands.ts'
import { lostDescription } from './lost.ts'
import { describeProblem, type Problem } from './problem.ts'
import { sectionsOf } from './sections.ts'
import { readSnippets, type Snippet } from './snippets.ts'

/**
 * Makes the kickstart of one host: the commands from a template, the scripts behind them.
 * @throws {ProvisionError} invalid, for settings or a template that are wrong; conflict, for what the installer would refuse
 */
export async function makeKickstart(request: InstallRequest): Promise<string> {
  const { text, problems } = await tryKickstart(request)
  const [first] = problems
  if (first !== undefined) throw new ProvisionError('conflict', first)
  return text
}

/**
 * The same for those who want to know all that the installer would refuse, one by one.
 * @throws {ProvisionError} invalid, for settings or a template that are wrong; conflict, for snippets that cannot be used
 */
export async function tryKickstart(
  request: InstallRequest,
): Promise<{ readonly text: string; readonly problems: readonly string[]; readonly warnings: readonly string[] }> {
  const settings = readEsxiSettings(esxiLayers(request))
  const snippets = await readSnippets(request)
  const text = `${renderCommands(settings, request)}\n\n${sectionsOf({ settings, snippets, request })}`
  const found = checkKickstart(text, { secureBoot: settings.secureBoot, files: filesOf(settings) })
  const errors = found
    .filter(({ severity }) => severity === 'error')
    .map((problem) => (isMissingPassword(problem) ? missingPassword(request) : describeProblem(problem)))
  const warnings = found.filter(({ severity }) => severity === 'warning').map(describeProblem)
  return {
    text,
    problems: [...unrunSnippets(settings, snippets), ...errors],
    warnings: [...lostName(settings, request), ...lostDescription(settings, request), ...warnings],
  }
}

/** The command section, from the image's own template, the operator's or the package's. */
function renderCommands(settings: EsxiSettings, request: InstallRequest): string {
  const { image, urls } = request
  // The password's hash stands in its own command alone.
  const { rootPassword: _, ...shown } = settings
  const commands = commandsOf(settings, request)
  const data = { host: hideHostSecrets(request.host), image, urls, settings: shown, commands }
  return request.render('ks.cfg', data).replaceAll('\r\n', '\n').trimEnd()
}

/** What the host's own script will have written, with some disk. */
function filesOf(settings: EsxiSettings): ReadonlyMap<string, string> {
  return new Map(settings.disk.by === 'match' ? [[DISK_FILE, installCommand(settings, '--disk=naa.0')]] : [])
}

function isMissingPassword({ rule, line }: Problem): boolean {
  return rule === 'rootpw' && line === 0
}

function missingPassword({ host, image }: InstallRequest): string {
  const ways = [
    `edit-host -i ${host.id} --root-password for this host`,
    `metalspray defaults --image ${image.name} --root-password for all that get this image`,
    'metalspray defaults --root-password for all hosts',
  ]
  return `without a root password no ESXi can be installed, and there is none by default. What asks for one: ${ways.join('; ')}`
}

/** With DHCP a host is given its name by the script of its first boot. */
function lostName({ secureBoot, install, network }: EsxiSettings, { host }: InstallRequest): readonly string[] {
  const name = network.hostname ?? host.hostname
  if (!secureBoot || install === 'upgrade' || network.bootproto !== 'dhcp' || name === undefined) return []
  return [
    `the name ${name} is not set under Secure Boot with DHCP: the DHCP server gives it, or esxi.network.ip does away with DHCP`,
  ]
}

function unrunSnippets(settings: EsxiSettings, snippets: readonly Snippet[]): readonly string[] {
  if (!settings.secureBoot) return []
  return snippets
    .filter(({ phase }) => phase === 'firstboot')
    .map(({ name }) => `snippet ${name}: ESXi runs none at the first boot under Secure Boot; do its work in post/`)
}
