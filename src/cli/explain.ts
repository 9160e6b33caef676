import type { Command } from 'commander'
import type { DiffDeps } from '../commands/explain/diff-boots.ts'
import { diffJson } from '../commands/explain/diff-json.ts'
import type { Introduction } from '../commands/explain/introduce.ts'
import type { ExplainDeps, Explanation } from '../commands/explain.ts'
import { openStore } from '../commands/open-store.ts'
import type { Attention } from '../core/attention.ts'
import { ProvisionError } from '../core/errors.ts'
import type { Store } from '../store/store.ts'
import { addBaseUrlOption } from './base-url.ts'
import { addExplainOptions, type ExplainAsked, readAsked } from './explain-options.ts'
import { addFolderOptions, type Folders, readFolders } from './folders.ts'
import { addMaxInstallsOption } from './max-installs.ts'
import { SettingsReader } from './settings.ts'
import { showDiff } from './show-diff.ts'
import { showExplanation } from './show-explanation.ts'
import { showIntroduction } from './show-introduction.ts'
import type { Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const MORE = `
Nothing is changed by it, and the server need not run.
  metalspray explain 3                              what host 3 gets at its next boot, and why
  metalspray explain esx1 --image esxi8             what it would get if its plan were esxi8
  metalspray explain esx1 --image esxi8 --raw ks.cfg
                                                    one file of that boot, as the host would get it
  metalspray explain 3 --raw hostmeta.tgz | tar -tzv
  metalspray explain --mac 94:40:c9:00:00:01 --serial CZJ1001
                                                    which host such a machine is found to be, known or not
  metalspray explain 3 --diff 7                     what host 3 would get otherwise than host 7
  metalspray explain 3 --diff last                  what it would get otherwise than in its newest boot

The boot's id is zeros in what is printed, and the hash of a root password another one, unless --show-secrets.`

/** Adds `explain`: what a host would get at its next boot. */
export function addExplain(program: Command, terminal: Terminal): void {
  const command = program
    .command('explain')
    .description('say what a host or a machine would get at its next boot, and why, changing nothing')
  addExplainOptions(command)
  addBaseUrlOption(command, 'the address by which machines reach the server')
  addMaxInstallsOption(command, 'as the server was started: so many hosts install at once')
  addFolderOptions(command, 'data', 'images', 'templates')
    .addHelpText('after', MORE)
    .action(async (hostText: string | undefined) => {
      const settings = new SettingsReader(command, terminal)
      const folders = readFolders(settings, terminal)
      const asked = readAsked(settings, hostText)
      settings.done()
      await using store = openStore(folders.data)
      await answer(terminal, asked, await depsOf(terminal, { asked, store, folders }))
    })
}

async function depsOf(
  terminal: Terminal,
  { asked, store, folders }: { readonly asked: ExplainAsked; readonly store: Store; readonly folders: Folders },
): Promise<DiffDeps> {
  const { openWorkshop } = await import('./images-folder.ts')
  const { plannableImages } = await import('../commands/workshop.ts')
  const workshop = openWorkshop(store, folders, asked.base)
  const { find } = await plannableImages(workshop, folders)
  return { ...workshop, find, maxInstalls: asked.maxInstalls, now: terminal.now }
}

async function answer(terminal: Terminal, asked: ExplainAsked, deps: DiffDeps): Promise<void> {
  const { introduced, raw: name, showsSecrets } = asked
  const introduction =
    introduced === undefined
      ? undefined
      : await (await import('../commands/explain/introduce.ts')).introduce(deps, introduced, asked)
  const explained = introduction === undefined ? await explainHostOf(deps, asked) : introduction.explained
  if (name !== undefined) {
    terminal.write(await rawFile(deps, { explained, introduction }, { name, showsSecrets }))
    return
  }
  if (asked.diff !== undefined && explained !== undefined) {
    const { diffBoots } = await import('../commands/explain/diff-boots.ts')
    const diff = await diffBoots(deps, explained, { other: asked.diff, image: asked.image })
    if (asked.isJson) terminal.out(toJson(diffJson(diff)))
    else showDiff(terminal, diff)
    return
  }
  await show(terminal, deps, { asked, explained, introduction })
  if (asked.base === undefined && !asked.isJson) {
    terminal.say('the addresses are made up: --base-url says by which one machines reach the server')
  }
}

interface Answer {
  readonly introduction: Introduction | undefined
  /** Of nobody in a conflict. */
  readonly explained: Explanation | undefined
}

async function explainHostOf(deps: ExplainDeps, { hostText = '', image }: ExplainAsked): Promise<Explanation> {
  const { explain } = await import('../commands/explain.ts')
  return explain(deps, hostText, image)
}

async function rawFile(
  deps: ExplainDeps,
  { explained, introduction }: Answer,
  asked: { readonly name: string; readonly showsSecrets: boolean },
): Promise<string | Buffer> {
  const { explainFile } = await import('../commands/explain/make-files.ts')
  if (explained !== undefined) return explainFile(deps, explained, asked)
  if (asked.name === 'script') return introduction?.script ?? ''
  throw new ProvisionError('not-found', `there is no file ${asked.name} for a machine in conflict; there is script`)
}

async function show(
  terminal: Terminal,
  deps: ExplainDeps,
  { asked, explained, introduction }: Answer & { readonly asked: ExplainAsked },
): Promise<void> {
  const { describeFiles } = await import('../commands/explain/make-files.ts')
  const made = explained === undefined ? [] : await describeFiles(deps, explained)
  const isKnown = asked.image === undefined && introduction?.kind !== 'new'
  const attention = isKnown && explained !== undefined ? await attentionNow(deps, explained) : undefined
  if (asked.isJson) {
    const { explanationJson, introductionJson } = await import('../commands/explanation-json.ts')
    const json = explained && explanationJson(explained, { made, now: terminal.now(), attention })
    terminal.out(toJson(introduction === undefined ? json : introductionJson(introduction, json)))
    return
  }
  if (introduction !== undefined) showIntroduction(terminal, introduction)
  if (explained !== undefined) showExplanation(terminal, explained, { image: asked.image, attention, made })
}

/** Of what is asked about another image nothing has happened yet, nor of a machine that nobody knows. */
async function attentionNow({ store, find, now }: ExplainDeps, { host, problems }: Explanation): Promise<Attention> {
  const { attentionOfHost } = await import('../commands/attention.ts')
  return attentionOfHost({ store, findImage: find, now }, host, problems)
}
