import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { openStore } from '../commands/open-store.ts'
import { sizeText } from '../core/words.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'

/** Adds `backup`: a consistent copy of the database while the server runs. */
export function addBackup(program: Command, terminal: Terminal): void {
  const command = program
    .command('backup')
    .description('write a consistent copy of the database to a new file, while the server runs or not')
    .argument('<file>', 'a file that does not exist yet')
  addFolderOptions(command, 'data')
    .addHelpText('after', '\nTo restore: stop the server and put the copy in the place of metalspray.sqlite.')
    .action(async (file: string) => {
      const settings = new SettingsReader(command, terminal)
      const { data } = readFolders(settings, terminal)
      settings.done()
      const target = resolve(terminal.cwd, file)
      await using store = openStore(data)
      await store.backup(target)
      terminal.out(`wrote ${target} (${sizeText((await stat(target)).size)})`)
    })
}
