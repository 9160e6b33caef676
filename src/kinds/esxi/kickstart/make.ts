import { ProvisionError } from '../../../core/errors.ts'
import type { InstallRequest } from '../../kind.ts'
import { hideHostSecrets } from '../../settings.ts'
import { readEsxiSettings } from '../settings.ts'
import { commandsOf } from './commands.ts'
import { sectionsOf } from './sections.ts'
import { readSnippets } from './snippets.ts'

/**
 * Makes the kickstart of one host: the commands from a template, the scripts behind them.
 * @throws {ProvisionError} invalid, for settings or a template that are wrong; conflict, for what the installer would refuse
 */
export async function makeKickstart(request: InstallRequest): Promise<string> {
  const settings = readEsxiSettings(request.settings)
  const snippets = await readSnippets(request)
  const { image, urls } = request
  // The password's hash stands in its own command alone.
  const { rootPassword: _, ...shown } = settings
  const data = {
    host: hideHostSecrets(request.host),
    image,
    urls,
    settings: shown,
    commands: commandsOf(settings, request),
  }
  const head = request.render('ks.cfg', data).replaceAll('\r\n', '\n').trimEnd()
  if (settings.secureBoot && snippets.some((snippet) => snippet.phase === 'firstboot')) {
    throw new ProvisionError(
      'conflict',
      `image ${image.name} has scripts for the first boot, which ESXi does not run under Secure Boot: do their work in post/`,
    )
  }
  return `${head}\n\n${sectionsOf({ settings, snippets, request })}`
}
