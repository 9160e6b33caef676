import type { Command } from 'commander'
import { findHost } from '../commands/find-host.ts'
import { follow } from '../commands/follow.ts'
import { readHostLog } from '../commands/host-log.ts'
import { openLive } from '../commands/open-live.ts'
import { openStore } from '../commands/open-store.ts'
import { readWait } from '../commands/read-wait.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { LogScreen } from './log-screen.ts'
import { lineOf, type NewsLine } from './news-line.ts'
import { refuse, SettingsReader } from './settings.ts'
import { untilEnded } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'
import { addServerOption, readServer } from './watch.ts'
import { followServer, readServerLog, type Server } from './watch-server.ts'

const EXAMPLES = `
Examples:
  metalspray logs --host esx1                  events, boots, reports, and what its console said
  metalspray logs --host esx1 --since 1h -f    of the last hour, and on until Ctrl-C
  metalspray logs --host esx1 --json           one JSON object a line`

const MOST = 10_000

interface Wanted {
  readonly host: string
  /** In ms since 1970. */
  readonly since: number | undefined
  readonly limit: number
  readonly isFollowed: boolean
}

interface Output {
  readonly terminal: Terminal
  readonly screen: LogScreen
}

/** Adds `logs`: all that is known of a host, in order of time. */
export function addLogs(program: Command, terminal: Terminal): void {
  const command = program
    .command('logs')
    .description('show all that is known of a host, in order of time')
    .requiredOption('-i, --host <host>', 'the host: its id, name, MAC address, serial or UUID')
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .option('--since <time>', 'what happened in this time: 10m, 1h, 2d')
    .option('--last <n>', 'the newest so many entries', '1000')
    .option('--json', 'one JSON object a line, for other programs')
  addServerOption(command)
  addFolderOptions(command, 'data')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const settings = new SettingsReader(command, terminal)
      const { data } = readFolders(settings, terminal)
      const server = readServer(settings, terminal)
      const wait = settings.read('since', readWait)
      const limit = settings.read('last', readCount)
      const wanted: Wanted = {
        host: settings.text('host') ?? '',
        since: wait === undefined ? undefined : terminal.now() - wait,
        limit: limit ?? 0,
        isFollowed: settings.flag('follow'),
      }
      const screen = new LogScreen(terminal, settings.flag('json'))
      settings.done()
      await untilEnded((signal) =>
        server === undefined
          ? showDatabase(data, wanted, { terminal, screen }, signal)
          : showServer(server, wanted, { terminal, screen }, signal),
      )
    })
}

async function showDatabase(data: string, wanted: Wanted, out: Output, signal: AbortSignal): Promise<void> {
  await using store = openStore(data)
  const { id } = await findHost(store, wanted.host)
  const { entries, lastEvent, lastLine } = await readHostLog(store, { ...wanted, host: id })
  showPast(entries.map(lineOf), out)
  if (!wanted.isFollowed) return
  using live = openLive(store, out.terminal.now, (error) => out.screen.onBreak(error))
  const following = { host: id, after: lastEvent, lines: lastLine }
  for await (const news of follow({ store, live }, following, signal)) {
    for (const line of news) out.screen.show(lineOf(line))
  }
}

async function showServer(server: Server, wanted: Wanted, out: Output, signal: AbortSignal): Promise<void> {
  const { entries, lastEvent, lastLine } = await readServerLog(server, wanted, signal)
  showPast(entries, out)
  if (!wanted.isFollowed) return
  const onBreak = (why: string) => out.screen.onBreak(why)
  const following = { host: wanted.host, after: lastEvent, lines: lastLine }
  for await (const line of followServer({ server, onBreak }, following, signal)) {
    if (line !== undefined) out.screen.show(line)
  }
}

function showPast(lines: readonly NewsLine[], { terminal, screen }: Output): void {
  for (const line of lines) screen.show(line)
  if (lines.length === 0) terminal.say('nothing is known of it in this time')
}

function readCount(text: string): number {
  const count = Number(text)
  if (!/^\d{1,5}$/.test(text) || count < 1 || count > MOST) throw refuse(`is not a number from 1 to ${MOST}`)
  return count
}
