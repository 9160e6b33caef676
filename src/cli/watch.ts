import { type Command, Option } from 'commander'
import { findHost } from '../commands/find-host.ts'
import { follow } from '../commands/follow.ts'
import { openLive } from '../commands/open-live.ts'
import { openStore } from '../commands/open-store.ts'
import { readWait } from '../commands/read-wait.ts'
import { EVENT_TYPES, type EventType } from '../core/event.ts'
import { readBaseUrl } from './base-url.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { lineOf, type NewsLine } from './news-line.ts'
import { refuse, SettingsReader } from './settings.ts'
import { untilEnded } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'
import { WatchScreen } from './watch-screen.ts'
import { followServer, type Server } from './watch-server.ts'

const EXAMPLES = `
Without --server it looks into the database itself, whether the server runs or not.

  metalspray watch                                     all hosts, from now on
  metalspray watch esx1 --since 1h                     one host, and what happened in the last hour
  metalspray watch --type failed,finished --json       for other programs: one JSON object a line
  metalspray watch --server http://10.0.0.1:5001       from another machine; its token is in METALSPRAY_TOKEN`

interface Watching {
  readonly host: string | undefined
  readonly types: readonly EventType[] | undefined
  /** In ms since 1970. */
  readonly since: number | undefined
}

/** Adds `watch`: what happens to hosts, as it happens. */
export function addWatch(program: Command, terminal: Terminal): void {
  const command = program
    .command('watch')
    .description('show what happens to hosts, as it happens, until Ctrl-C')
    .argument('[host]', 'one host alone: its id, name, MAC address, serial or UUID')
    .option('--since <time>', 'begin with what happened in this time: 10m, 1h, 2d')
    .option('--type <types>', 'events of these types alone, separated by commas')
    .option('--json', 'one JSON object a line, for other programs')
  addServerOption(command)
  addFolderOptions(command, 'data')
    .addHelpText('after', EXAMPLES)
    .action(async (host: string | undefined) => {
      const settings = new SettingsReader(command, terminal)
      const { data } = readFolders(settings, terminal)
      const server = readServer(settings, terminal)
      const types = settings.read('type', readTypes)
      const wait = settings.read('since', readWait)
      const isJson = settings.flag('json')
      settings.done()
      const watching = { host, types, since: wait === undefined ? undefined : terminal.now() - wait }
      const screen = new WatchScreen(terminal, isJson)
      const onBreak = (why: string) => screen.say(`${why}; trying again`)
      await untilEnded(async (signal) => {
        const news =
          server === undefined
            ? followDatabase({ data, terminal, onBreak }, watching, signal)
            : followServer({ server, onBreak }, { ...watching, type: types?.join(',') }, signal)
        await showAll(news, screen)
      }).finally(() => screen.close())
    })
}

/** Gives a command the server that it asks, instead of looking into the database. */
export function addServerOption(command: Command): Command {
  return command.addOption(
    new Option('--server <url>', 'ask the admin door of this server; METALSPRAY_TOKEN is its token').env(
      'METALSPRAY_SERVER',
    ),
  )
}

export function readServer(settings: SettingsReader, terminal: Terminal): Server | undefined {
  const url = settings.read('server', readBaseUrl)
  return url === undefined ? undefined : { url, token: terminal.env['METALSPRAY_TOKEN'] }
}

async function showAll(news: AsyncIterable<NewsLine | undefined>, screen: WatchScreen): Promise<void> {
  for await (const line of news) {
    if (line === undefined) screen.say('watching; Ctrl-C ends it')
    else screen.show(line)
  }
}

interface Database {
  readonly data: string
  readonly terminal: Terminal
  onBreak(why: string): void
}

async function* followDatabase(
  { data, terminal, onBreak }: Database,
  { host: text, types, since }: Watching,
  signal: AbortSignal,
): AsyncGenerator<NewsLine | undefined, void, undefined> {
  await using store = openStore(data)
  const host = text === undefined ? undefined : (await findHost(store, text)).id
  using live = openLive(store, terminal.now, (error) => onBreak(error instanceof Error ? error.message : String(error)))
  const after = since === undefined ? await store.newestEvent() : undefined
  yield undefined
  for await (const news of follow({ store, live }, { host, types, since, after }, signal)) {
    yield* news.map(lineOf)
  }
}

/** @throws {ProvisionError} invalid */
function readTypes(text: string): EventType[] {
  return text.split(',').map((word) => {
    const type = EVENT_TYPES.find((one) => one === word.trim())
    if (type === undefined) throw refuse(`is no type of event; there are ${EVENT_TYPES.join(', ')}`)
    return type
  })
}
