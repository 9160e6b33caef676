import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ImportRequest, ImportResult } from '../commands/import-image.ts'
import { ProvisionError } from '../core/errors.ts'
import { readImageName } from '../core/plan.ts'
import { count, sizeText } from '../core/words.ts'
import { KINDS, readKind } from '../kinds/kinds.ts'
import { addFolderOptions, readFolders } from './folders.ts'
import { showProgress } from './progress.ts'
import { refuse, SettingsReader } from './settings.ts'
import { waitForStop } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'
import { printable } from './text.ts'

const EXAMPLES = `
Examples:
  metalspray import leap15 Leap-15.6.install.tar.xz        KIWI's tarball, as install-new-image.sh took it
  metalspray import esxi8 VMware-VMvisor-Installer-8.0.iso VMware's installer, from its ISO
  metalspray import rescue rescue.iso                      a live ISO
  metalspray import alpine ./alpine --kind linux           a directory with a kernel and an initrd
  metalspray import leap15 new.tar.xz --replace --sha256 9f86d0...

It is there whole or not at all: Ctrl-C leaves nothing behind. A directory that is copied into the images folder by
other means is an image too.`

/** Adds `import`, which brings an image into the images folder. */
export function addImport(program: Command, terminal: Terminal): void {
  const command = program
    .command('import')
    .description('bring an image into the images folder')
    .argument('<name>', 'the name by which plans call it')
    .argument('<source>', 'a tarball (.tar, .tar.xz, .tar.gz, .tar.zst), a directory or an ISO')
    .option('--kind <kind>', `what it must be: ${KINDS.map(({ name }) => name).join(', ')}; recognised without it`)
    .option('--label <text>', 'what it is, for people')
    .option('--kernel-options <text>', 'words for the kernel command line')
    .option('--sha256 <sum>', 'what the source must add up to')
    .option('--replace', 'put it in the place of an image of that name')
  addFolderOptions(command, 'images')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, source: string) => {
      const settings = new SettingsReader(command, terminal)
      const request = readRequest(settings, terminal, { name, source })
      const { images } = readFolders(settings, terminal)
      settings.done()
      // Loaded here, as all that is large: the program then starts quickly for whatever else it is asked.
      const { importImage } = await import('../commands/import-image.ts')
      using stop = waitForStop(terminal, 'stopping; what was written is taken away')
      using view = showProgress(terminal)
      const result = await importImage({ imagesRoot: images, onProgress: view.onProgress }, request, stop.signal)
      view[Symbol.dispose]()
      tell(terminal, result)
    })
}

function readRequest(
  settings: SettingsReader,
  terminal: Terminal,
  { name, source }: { readonly name: string; readonly source: string },
): ImportRequest {
  settings.check(() => readImageName(name))
  const kind = settings.read('kind', (text) => readKnownKind(text))
  const sha256 = settings.read('sha256', readSum)
  const [label, kernelOptions] = [settings.text('label'), settings.text('kernelOptions')]
  return {
    name,
    source: resolve(terminal.cwd, source),
    importedAt: terminal.now(),
    replace: settings.flag('replace'),
    ...(kind === undefined ? {} : { kind }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(label === undefined ? {} : { label }),
    ...(kernelOptions === undefined ? {} : { kernelOptions }),
  }
}

function readKnownKind(text: string): string {
  try {
    return readKind(text).name
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    throw refuse(`is not one of ${KINDS.map(({ name }) => name).join(', ')}`)
  }
}

function readSum(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw refuse('is no SHA-256 sum (64 hexadecimal digits)')
  return text
}

function tell(terminal: Terminal, result: ImportResult): void {
  const { image, files, sha256, warnings, swept, kept } = result
  for (const name of swept) terminal.say(`an import of ${name} that was interrupted is cleared away`)
  for (const warning of warnings) terminal.say(`warning: ${printable(warning)}`)
  const label = image.label === undefined ? '' : ` (${printable(image.label)})`
  const { modules = [] } = image.parts
  const counts = [count(files, 'file'), ...(modules.length === 0 ? [] : [count(modules.length, 'module')])]
  const what = `${image.name}${label}: ${image.kind}, ${counts.join(', ')}, ${sizeText(image.bytes)}`
  if (result.isSame) {
    terminal.out(`there is ${what}`)
    terminal.out('it was imported from these very files; nothing to do (--replace imports it again)')
    return
  }
  terminal.out(`imported ${what}`)
  if (kept.length > 0) terminal.out(`kept of the image before: ${kept.map(printable).join(', ')}`)
  if (sha256 !== undefined) terminal.out(`sha256 of its source: ${sha256}`)
  terminal.out(`assign it with: edit-host -i ID -s ${image.name}`)
}
