import { CONFIG_KEY } from '../core/config/model.ts'
import type { InstallRequest } from './kind.ts'

const ESXI_ALONE = ['portGroups', 'datastores', 'advancedSettings', 'ssh', 'shell', 'certificate', 'licence'] as const
const LINUX_ALONE = ['timezone', 'installDisk'] as const

/**
 * Names what a host's own description says and its image can do nothing with. What is set for all hosts is not meant for each of them.
 * @returns a sentence, or none
 */
export function strayWarnings({ image, description: [own = {}] }: InstallRequest): readonly string[] {
  // What a script of an image's own makes of it, nobody knows.
  if (image.kind === 'custom') return []
  const isEsxi = image.kind === 'esxi'
  const keys = (isEsxi ? LINUX_ALONE : ESXI_ALONE).filter((key) => (own[key] ?? null) !== null)
  if (keys.length === 0) return []
  const names = keys.map((key) => `${CONFIG_KEY}.${key}`).join(', ')
  const who = isEsxi ? 'Linux alone; ESXi does without' : 'ESXi alone'
  return [`${names}: of ${who}`]
}
