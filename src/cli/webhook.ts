import type { Command } from 'commander'
import { makeStore, openStore } from '../commands/open-store.ts'
import { testJson, webhookJson, webhookStateJson } from '../commands/webhook-json.ts'
import * as webhooks from '../commands/webhooks.ts'
import { ProvisionError } from '../core/errors.ts'
import { EVENT_TYPES, type EventType } from '../core/event.ts'
import { quoted } from '../core/identity.ts'
import { readWebhookName, readWebhookUrl, USUAL_EVENTS } from '../core/webhook.ts'
import { version } from '../package.ts'
import { collect } from './edit-host-options.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { refuse, SettingsReader } from './settings.ts'
import { showWebhooks } from './show-webhooks.ts'
import { actorOf, type Terminal } from './terminal.ts'
import { toJson } from './text.ts'

const MORE = `
  metalspray webhook add https://chat.example/hooks/metalspray
  metalspray webhook add http://10.0.0.9:8080/ --name cmdb --events all
  metalspray webhook add https://ci.example/esx --events finished,failed --host esx1 --host esx2
  metalspray webhook test cmdb
  metalspray webhook list
Deliveries are signed: see docs/webhooks.md. The server makes them, while it runs.`

/** Adds `webhook`: who is told of what happens. */
export function addWebhook(program: Command, terminal: Terminal): void {
  const webhook = program
    .command('webhook')
    .description('have others told over HTTP of what happens to hosts')
    .addHelpText('after', MORE)
  addAdd(webhook, terminal)
  addList(webhook, terminal)
  addTest(webhook, terminal)
  addRemove(webhook, terminal)
}

function addAdd(webhook: Command, terminal: Terminal): void {
  const command = webhook
    .command('add')
    .description('have somebody told of what happens from now on, and print the secret that signs it, once')
    .argument('<url>', 'where events are sent: http:// or https://')
    .option(
      '--events <types>',
      `types of events with commas between them, or all; ${USUAL_EVENTS.join(',')} without it`,
    )
    .option('--host <host>', 'of this host alone: id, name, MAC address, serial or UUID; may be repeated', collect)
    .option('--name <name>', 'what it is called; without it, after the machine in the address')
    .option('--secret-stdin', 'read the secret from standard input instead of making one: whsec_ and base64')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async (url: string) => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    const wanted = readWanted(settings, url)
    const isGiven = settings.flag('secretStdin')
    const isJson = settings.flag('json')
    settings.done()
    const secret = isGiven ? (await terminal.readInput()).replace(/\r?\n$/, '') : undefined
    // Who is told may be said before the server has ever run.
    await using store = makeStore(data)
    const hosts = wanted.hosts && (await webhooks.readHosts(store, wanted.hosts))
    const deps = { store, now: terminal.now, by: actorOf(terminal) }
    const made = await webhooks.addWebhook(deps, { ...wanted, url, hosts, secret })
    if (isJson) return terminal.out(toJson({ ...webhookJson(made.webhook), secret: made.secret }))
    if (!isGiven) terminal.out(made.secret)
    const shown = isGiven ? '' : '; its receiver needs this secret, which is shown only now'
    terminal.say(`webhook ${made.webhook.name} is told of ${wanted.events?.join(', ') ?? 'all events'}${shown}`)
  })
}

function readWanted(settings: SettingsReader, url: string) {
  settings.check(() => readAddress(url))
  const name = settings.read('name', readWebhookName)
  const types = settings.read('events', readTypes) ?? USUAL_EVENTS
  const hosts = settings.list('host', (text) => text)
  return { name, events: types === 'all' ? undefined : types, hosts: hosts.length === 0 ? undefined : hosts }
}

function addList(webhook: Command, terminal: Terminal): void {
  const command = webhook
    .command('list', { isDefault: true })
    .description('list the webhooks, and how it goes with each (what `metalspray webhook` does)')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async () => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    const isJson = settings.flag('json')
    settings.done()
    await using store = openStore(data)
    const all = await store.webhooks.list()
    if (isJson) return terminal.out(toJson(all.map(webhookStateJson)))
    showWebhooks(terminal, all)
  })
}

function addTest(webhook: Command, terminal: Terminal): void {
  const command = webhook
    .command('test')
    .description('send a signed event `test` from here; when it arrives, what waits is tried again at once')
    .argument('<name>')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'data').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    const isJson = settings.flag('json')
    settings.done()
    await using store = openStore(data)
    const agent = `metalspray/${version()}`
    const result = await webhooks.testWebhook({ store, now: terminal.now }, name, { agent })
    const { webhook: tested, answer, took } = result
    if (isJson) terminal.out(toJson(testJson(result)))
    else if (answer.ok) terminal.out(`${tested.url} answered ${answer.status} in ${took} ms`)
    if (!answer.ok) throw new ProvisionError('unavailable', `${tested.url} ${answer.why}`)
  })
}

function addRemove(webhook: Command, terminal: Terminal): void {
  const command = webhook
    .command('remove')
    .description('tell somebody no more, also not of what waits')
    .argument('<name>')
  addFolderOptions(command, 'data').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const { data } = readFolders(settings, terminal)
    settings.done()
    await using store = openStore(data)
    await webhooks.removeWebhook({ store, now: terminal.now, by: actorOf(terminal) }, name)
    terminal.out(`webhook ${name} is removed`)
  })
}

function readAddress(text: string): string {
  try {
    return readWebhookUrl(text)
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw refuse(`${quoted(text)} ${error.message}`)
  }
}

function readTypes(text: string): readonly EventType[] | 'all' {
  if (text === 'all') return 'all'
  return text.split(',').map((word) => {
    const type = EVENT_TYPES.find((one) => one === word.trim())
    if (type === undefined) throw refuse(`is no type of event; there are ${EVENT_TYPES.join(', ')}, or all`)
    return type
  })
}
