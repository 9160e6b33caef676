import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { ListedImage } from '../commands/list-images.ts'
import { databaseFile, openStore } from '../commands/open-store.ts'
import type { Verified } from '../commands/verify-image.ts'
import type { Host } from '../core/host.ts'
import { readImageName } from '../core/plan.ts'
import { count, sizeText } from '../core/words.ts'
import { addFolderOptions, type Folders, readFolders } from './folders.ts'
import { showProgress } from './progress.ts'
import { Refused } from './run.ts'
import { SettingsReader } from './settings.ts'
import { waitForStop } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'
import { ago, columns, printable, toJson } from './text.ts'

const HEAD = ['Name', 'Kind', 'Files', 'Size', 'Changed', 'Planned for', 'Label']

/** Adds `images`: what can be assigned, and taking it away. */
export function addImages(program: Command, terminal: Terminal): void {
  const images = program.command('images').description('list the images, remove or verify one')
  addList(images, terminal)
  addRemove(images, terminal)
  addVerify(images, terminal)
}

function addList(images: Command, terminal: Terminal): void {
  const command = images
    .command('list', { isDefault: true })
    .description('list the images (what `metalspray images` does)')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'images', 'data').action(async () => {
    const settings = new SettingsReader(command, terminal)
    const folders = readFolders(settings, terminal)
    const isJson = settings.flag('json')
    settings.done()
    const { listImages } = await import('../commands/list-images.ts')
    const { imageJson } = await import('../commands/image-json.ts')
    const { openImageLibrary } = await import('../images/library.ts')
    const { recogniseImage } = await import('../kinds/kinds.ts')
    const library = openImageLibrary(folders.images, recogniseImage)
    const listed = await listImages({ library, store: await hostsOf(folders) })
    if (isJson) terminal.out(toJson(listed.map(imageJson)))
    else show(terminal, listed, folders.images)
  })
}

function addRemove(images: Command, terminal: Terminal): void {
  const command = images
    .command('rm')
    .description('remove an image that no plan names')
    .argument('<name>')
    .option('--force', 'even when plans name it: those hosts are then held')
  addFolderOptions(command, 'images', 'data').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const folders = readFolders(settings, terminal)
    const force = settings.flag('force')
    settings.done()
    const { removeImage } = await import('../commands/remove-image.ts')
    const store = await hostsOf(folders)
    const removed = await removeImage({ imagesRoot: folders.images, store }, { name, force })
    terminal.out(`removed ${removed.name}`)
    if (removed.hosts.length > 0) terminal.out(`it is still in the plan of ${removed.hosts.join(', ')}`)
  })
}

function addVerify(images: Command, terminal: Terminal): void {
  const command = images
    .command('verify')
    .description('compare an image with what was imported, file by file')
    .argument('<name>')
    .option('--json', 'print JSON for other programs')
  addFolderOptions(command, 'images').action(async (name: string) => {
    const settings = new SettingsReader(command, terminal)
    const folders = readFolders(settings, terminal)
    const isJson = settings.flag('json')
    settings.check(() => readImageName(name))
    settings.done()
    const { verifyImage } = await import('../commands/verify-image.ts')
    using stop = waitForStop(terminal, 'stopping')
    using view = showProgress(terminal)
    const verified = await verifyImage({ imagesRoot: folders.images, onProgress: view.onProgress }, name, stop.signal)
    view[Symbol.dispose]()
    if (isJson) terminal.out(toJson({ name, isIntact: verified.differences.length === 0, ...verified }))
    else tell(terminal, name, verified)
    if (verified.differences.length > 0) throw new Refused()
  })
}

function tell(terminal: Terminal, name: string, { differences, warnings, isNoted, intact, own }: Verified): void {
  for (const warning of warnings) terminal.say(`warning: ${printable(warning)}`)
  if (differences.length > 0) {
    const what = isNoted ? 'is not as it was imported' : 'is damaged'
    terminal.say([`error: ${name} ${what}:`, ...differences.map(printable)].join('\n  '))
    terminal.say(`what mends it: metalspray import ${name} SOURCE --replace`)
    return
  }
  terminal.out(
    isNoted
      ? `${name} is as it was imported: ${count(intact, 'file')}${besides(own)}`
      : `${name} was copied in, not imported; nothing contradicts the checksum files in it`,
  )
}

function besides(own: readonly string[]): string {
  return own.length === 0 ? '' : `; added by you: ${own.map(printable).join(', ')}`
}

/** The hosts whose plans may name images; none before the server has run for the first time. */
async function hostsOf({ data }: Folders): Promise<{ listHosts(): Promise<readonly Host[]> }> {
  if (!existsSync(databaseFile(data))) return { listHosts: async () => [] }
  await using store = openStore(data)
  const hosts = await store.listHosts()
  return { listHosts: async () => hosts }
}

function show(terminal: Terminal, listed: readonly ListedImage[], folder: string): void {
  if (listed.length === 0) {
    terminal.say(`there are no images in ${folder}; \`metalspray import\` brings one`)
    return
  }
  const now = terminal.now()
  const rows = listed.map((image) => [
    printable(image.name),
    image.kind ?? terminal.colors.red('no image'),
    image.files === undefined ? '-' : String(image.files),
    image.bytes === undefined ? '-' : sizeText(image.bytes),
    image.changedAt === undefined ? '-' : ago(image.changedAt, now),
    image.hosts.length === 0 ? '-' : count(image.hosts.length, 'host'),
    printable(image.label ?? ''),
  ])
  const [head = '', ...lines] = columns(HEAD, rows)
  terminal.out(terminal.colors.bold(head))
  for (const [index, line] of lines.entries()) {
    terminal.out(line)
    const problem = listed[index]?.problem
    if (problem !== undefined) terminal.out(`      ${printable(problem)}`)
  }
}
