import type { Command } from 'commander'
import { makeStore, openStore } from '../commands/open-store.ts'
import { readWait } from '../commands/read-wait.ts'
import { accessEventJson, tokenJson } from '../commands/token-json.ts'
import { createToken, revokeToken } from '../commands/tokens.ts'
import { ROLES } from '../core/access.ts'
import { readRole, readTokenName, tokenState } from '../core/token.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { refuse, SettingsReader } from './settings.ts'
import { showAccessEvents, showTokens } from './show-tokens.ts'
import { actorOf, type Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const USUAL_EVENTS = 50
const MOST_EVENTS = 10_000

const MORE = `
Roles: viewer looks, operator also assigns and edits hosts, admin also does everything else (images, tokens, settings).
  metalspray token create alice --role admin            a person: sign in with it at the admin door
  metalspray token create ci --role operator --expires 30d
  metalspray token list
  metalspray token revoke ci`

/** Adds `token`: who may come to the admin door. */
export function addToken(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .description('make, list or revoke tokens for the admin door')
    .addHelpText('after', MORE)
  addCreate(token, terminal)
  addList(token, terminal)
  addRevoke(token, terminal)
  addLog(token, terminal)
}

function addCreate(token: Command, terminal: Terminal): void {
  const command = token
    .command('create')
    .description('make a token and print it, once: only its hash is kept')
    .argument('<name>', 'who or what it is for; events say it')
    .requiredOption('--role <role>', ROLES.join(', '))
    .option('--expires <time>', 'how long it may be used: 12h, 30d, or never', '90d')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    settings.check(() => readTokenName(name))
    const role = settings.read('role', readRoleName)
    const expires = settings.read('expires', readExpiry)
    const isJson = settings.flag('json')
    settings.done()
    if (role === undefined) return
    // The first token is made before the server has ever run: without one it does not open its door to a network.
    await using store = makeStore(data)
    const deps = { access: store.access, now: terminal.now, by: actorOf(terminal) }
    const expiresIn = expires === 'never' ? undefined : expires
    const made = await createToken(deps, { name, role, expiresIn })
    const { secret } = made
    if (isJson) return terminal.out(toJson({ ...tokenJson(made.token, terminal.now()), token: secret }))
    terminal.out(secret)
    const until = made.token.expiresAt === undefined ? 'for ever' : `until ${isoDay(made.token.expiresAt)}`
    terminal.say(`token ${name} (${role}), ${until}. It is shown only now: keep it where passwords are kept`)
  })
}

function addList(token: Command, terminal: Terminal): void {
  const command = token
    .command('list', { isDefault: true })
    .description('list the tokens (what `metalspray token` does)')
    .option('--all', 'also those that were revoked')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async () => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    const isAll = settings.flag('all')
    const isJson = settings.flag('json')
    settings.done()
    await using store = openStore(data)
    const now = terminal.now()
    const tokens = (await store.access.listTokens()).filter((one) => isAll || tokenState(one, now) !== 'revoked')
    if (isJson) return terminal.out(toJson(tokens.map((one) => tokenJson(one, now))))
    showTokens(terminal, tokens)
  })
}

function addRevoke(token: Command, terminal: Terminal): void {
  const command = token
    .command('revoke')
    .description('take a token out of use at once, and sign out who signed in with it')
    .argument('<name>')
  addFolderOptions(command, 'data').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    settings.done()
    await using store = openStore(data)
    await revokeToken({ access: store.access, now: terminal.now, by: actorOf(terminal) }, name)
    terminal.out(`token ${name} is revoked`)
  })
}

function addLog(token: Command, terminal: Terminal): void {
  const command = token
    .command('log')
    .description('who signed in, who was refused, which tokens were made and revoked')
    .option('--last <n>', `the newest so many, ${USUAL_EVENTS} without it`)
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async () => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    const last = settings.read('last', readLast) ?? USUAL_EVENTS
    const isJson = settings.flag('json')
    settings.done()
    await using store = openStore(data)
    const events = await store.access.listAccessEvents(last)
    if (!isJson) return showAccessEvents(terminal, events)
    terminal.out(toJson(events.map(accessEventJson)))
  })
}

function readRoleName(text: string) {
  try {
    return readRole(text)
  } catch {
    throw refuse(`is not one of ${ROLES.join(', ')}`)
  }
}

function readExpiry(text: string): number | 'never' {
  return text === 'never' ? 'never' : readWait(text)
}

function readLast(text: string): number {
  const last = Number(text)
  if (!/^\d+$/.test(text) || last < 1 || last > MOST_EVENTS) throw refuse(`is not a number from 1 to ${MOST_EVENTS}`)
  return last
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
