import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { refuse, type SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Where everything is, in absolute paths. */
export interface Folders {
  readonly data: string
  readonly images: string
  /** The operator's own templates; `undefined` when there are none. */
  readonly templates: string | undefined
}

const FLAGS = {
  data: () => new Option('--data <dir>', 'folder of the database').env('METALSPRAY_DATA').default('data'),
  images: () => new Option('--images <dir>', 'folder of the images').env('METALSPRAY_IMAGES').default('images'),
  templates: () =>
    new Option('--templates <dir>', 'folder of your own templates, "templates" if there is one').env(
      'METALSPRAY_TEMPLATES',
    ),
}

/** Gives a command the flags of the folders that it uses. */
export function addFolderOptions(command: Command, ...names: readonly (keyof Folders)[]): Command {
  for (const name of names) command.addOption(FLAGS[name]())
  return command
}

/**
 * Finds the folders. A relative path that was given is meant from where the person stands; a default is meant from the
 * checkout when one of its scripts was run (they set METALSPRAY_HOME), so that these work from any folder.
 */
export function readFolders(settings: SettingsReader, terminal: Terminal): Folders {
  const home = terminal.env['METALSPRAY_HOME'] ?? terminal.cwd
  const locate = (name: 'data' | 'images'): string => {
    const from = settings.isGiven(name) ? terminal.cwd : home
    return settings.read(name, (text) => notAFile(resolve(from, text))) ?? resolve(home, name)
  }
  const usual = resolve(home, 'templates')
  const own = settings.read('templates', (text) => existingFolder(resolve(terminal.cwd, text)))
  return {
    data: locate('data'),
    images: locate('images'),
    templates: own ?? (existsSync(usual) ? usual : undefined),
  }
}

/** @throws {ProvisionError} invalid, when there is no such folder */
export function existingFolder(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw refuse('is no folder')
  return path
}

function notAFile(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false) throw refuse('is no folder')
  return path
}
