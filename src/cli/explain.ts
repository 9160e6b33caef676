import type { Command } from 'commander'
import type { ExplainDeps, Explanation } from '../commands/explain.ts'
import { openStore } from '../commands/open-store.ts'
import type { Attention } from '../core/attention.ts'
import type { Store } from '../store/store.ts'
import { addBaseUrlOption, readBaseUrl } from './base-url.ts'
import { addFolderOptions, type Folders, readFolders } from './folders.ts'
import { readImage } from './image-option.ts'
import { addMaxInstallsOption, readMaxInstalls } from './max-installs.ts'
import { SettingsReader } from './settings.ts'
import { showExplanation } from './show-explanation.ts'
import type { Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const MORE = `
Nothing is changed by it, and the server need not run.
  metalspray explain 3                              what host 3 gets at its next boot, and why
  metalspray explain esx1 --image esxi8             what it would get if its plan were esxi8
  metalspray explain esx1 --image esxi8 --file ks.cfg
                                                    one file of that boot, as the host would get it
  metalspray explain 3 --file hostmeta.tgz | tar -tzv

The boot's id is zeros in what is printed, and the hash of a root password another one, unless --show-secrets.`

interface Asked {
  readonly hostText: string
  readonly image: string | undefined
  readonly file: string | undefined
  readonly showsSecrets: boolean
  readonly isJson: boolean
  readonly base: string | undefined
  readonly maxInstalls: number | undefined
}

/** Adds `explain`: what a host would get at its next boot. */
export function addExplain(program: Command, terminal: Terminal): void {
  const command = program
    .command('explain')
    .description('say what a host would get at its next boot, and why, changing nothing')
    .argument('<host>', 'id, host name, MAC, serial or UUID')
    .option('--image <name>', 'as if its plan were this image')
    .option('--file <name>', 'print one file of that boot: script, boot.cfg, ks.cfg, …')
    .option('--show-secrets', 'with --file: with the hash of the root password')
    .option('--json', 'print JSON for other programs')
  addBaseUrlOption(command, 'the address by which machines reach the server')
  addMaxInstallsOption(command, 'as the server was started: so many hosts install at once')
  addFolderOptions(command, 'data', 'images', 'templates')
    .addHelpText('after', MORE)
    .action(async (hostText: string) => {
      const settings = new SettingsReader(command, terminal)
      const folders = readFolders(settings, terminal)
      const asked: Asked = {
        hostText,
        image: settings.read('image', readImage),
        file: settings.text('file'),
        showsSecrets: settings.flag('showSecrets'),
        isJson: settings.flag('json'),
        base: settings.read('baseUrl', readBaseUrl),
        maxInstalls: settings.read('maxInstalls', readMaxInstalls),
      }
      if (asked.isJson && asked.file !== undefined) settings.wrong('--file prints the file alone, without --json')
      if (asked.showsSecrets && asked.file === undefined) settings.wrong('--show-secrets goes with --file')
      settings.done()
      await using store = openStore(folders.data)
      await answer(terminal, asked, await depsOf(terminal, { asked, store, folders }))
    })
}

async function depsOf(
  terminal: Terminal,
  { asked, store, folders }: { readonly asked: Asked; readonly store: Store; readonly folders: Folders },
): Promise<ExplainDeps> {
  const { openWorkshop } = await import('./images-folder.ts')
  const { plannableImages } = await import('../commands/workshop.ts')
  const workshop = openWorkshop(store, folders, asked.base)
  const { find } = await plannableImages(workshop, folders)
  return { ...workshop, find, maxInstalls: asked.maxInstalls, now: terminal.now }
}

async function answer(terminal: Terminal, asked: Asked, deps: ExplainDeps): Promise<void> {
  const { explain, explainFile } = await import('../commands/explain.ts')
  const explained = await explain(deps, asked.hostText, asked.image)
  const attention = asked.image === undefined ? await attentionNow(deps, explained) : undefined
  if (asked.file !== undefined) {
    const { file: name, showsSecrets } = asked
    terminal.write(await explainFile(deps, explained, { name, showsSecrets }))
  } else if (asked.isJson) {
    const { explanationJson } = await import('../commands/explanation-json.ts')
    terminal.out(toJson(explanationJson(explained, terminal.now(), attention)))
  } else {
    showExplanation(terminal, explained, { image: asked.image, attention })
    if (asked.base === undefined) {
      terminal.say('the addresses are made up: --base-url says by which one machines reach the server')
    }
  }
}

/** Of what is asked about another image nothing has happened yet. */
async function attentionNow({ store, find, now }: ExplainDeps, { host, problems }: Explanation): Promise<Attention> {
  const { attentionOfHost } = await import('../commands/attention.ts')
  return attentionOfHost({ store, findImage: find, now }, host, problems)
}
