import { mergeConfigs } from '../../../core/config/read-config.ts'
import type { InstallRequest } from '../../kind.ts'
import type { EsxiSettings } from '../settings.ts'

/** What the installer takes whole of a host's description, and what means nothing to it. */
const BY_INSTALLER: readonly string[] = ['hostname', 'domain', 'licence', 'timezone', 'installDisk']

/**
 * What the installer itself does not do of the host's description, where no program of ours may run at the first boot.
 * @returns a sentence, or none
 */
export function lostDescription(
  { secureBoot }: Pick<EsxiSettings, 'secureBoot'>,
  { description }: Pick<InstallRequest, 'description'>,
): readonly string[] {
  const keys = Object.keys(mergeConfigs(description)).filter((key) => !BY_INSTALLER.includes(key))
  if (!secureBoot || keys.length === 0) return []
  return [
    `under Secure Boot the installer alone makes the host: of config it takes the root password, the licence, and one network for the management, and leaves ${keys.join(', ')} as they are`,
  ]
}
