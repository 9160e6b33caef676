import type { Command } from 'commander'
import { type DefaultsDeps, type DefaultsPlace, editDefaults, listDefaults } from '../commands/edit-defaults.ts'
import { openStore } from '../commands/open-store.ts'
import { flatSettings, formatValue, type SettingChange } from '../core/setting.ts'
import { addSettingOptions, passwordAdvice, readSettingChanges } from './edit-host-options.ts'
import { addFolderOptions, type Folders, readFolders } from './folders.ts'
import { readImage } from './image-option.ts'
import { addRootPasswordOptions, getRootPassword, type PasswordSource, readPasswordSource } from './root-password.ts'
import { SettingsReader } from './settings.ts'
import type { Terminal } from './terminal.ts'
import { columns, printable, toJson } from './text.ts'

const MORE = `
What a host has in its own metadata (edit-host --set) counts first, then what is set for the image here, then the image's image.json,
then what is set for all hosts here. \`metalspray explain HOST\` shows which of them a host gets.
  metalspray defaults                                    what is set
  metalspray defaults --root-password                    of all hosts that have no other
  metalspray defaults --set esxi.network.nameserver=10.0.0.2 --set esxi.network.netmask=255.255.255.0
  metalspray defaults --image esxi8 --set esxi.disk=local --unset esxi.keyboard`

interface Asked {
  readonly image: string | undefined
  readonly changes: readonly SettingChange[]
  readonly password: PasswordSource | undefined
  readonly isJson: boolean
}

/** Adds `defaults`: settings of installs for all hosts and for an image. */
export function addDefaults(program: Command, terminal: Terminal): void {
  const command = program
    .command('defaults')
    .description('show or change what is set for installs on all hosts, or of an image')
    .option('--image <name>', 'what is set for this image')
    .option('--json', 'print JSON for other programs')
    .optionsGroup('Changing:')
  addSettingOptions(command, 'setting')
  addRootPasswordOptions(command, 'of all hosts, or of those that get the image').optionsGroup('Folders:')
  addFolderOptions(command, 'data', 'images')
    .addHelpText('after', MORE)
    .action(async () => {
      const settings = new SettingsReader(command, terminal)
      const folders = readFolders(settings, terminal)
      const changes = readSettingChanges(settings) ?? []
      const asked: Asked = {
        image: settings.read('image', readImage),
        changes,
        password: readPasswordSource(settings, changes),
        isJson: settings.flag('json'),
      }
      settings.done()
      await using store = openStore(folders.data)
      await carryOut(terminal, asked, { store, images: await imagesIn(folders) })
    })
}

async function imagesIn(folders: Folders): Promise<DefaultsDeps['images']> {
  const { openImageLibrary } = await import('../images/library.ts')
  const { recogniseImage } = await import('../kinds/kinds.ts')
  const { list } = await openImageLibrary(folders.images, recogniseImage).snapshot()
  return list.flatMap(({ image }) => image ?? [])
}

async function carryOut(terminal: Terminal, asked: Asked, deps: DefaultsDeps): Promise<void> {
  const { image, password, isJson } = asked
  const isChange = asked.changes.length > 0 || password !== undefined
  if (!isChange) return show(terminal, await listDefaults(deps, image), asked)
  // An image that is not there is told before anything is asked.
  if (image !== undefined) await listDefaults(deps, image)
  const changes = password === undefined ? [] : [await getRootPassword(terminal, password)]
  const { told, warnings } = await editDefaults(deps, image, [...asked.changes, ...changes])
  for (const warning of [...passwordAdvice(asked.changes), ...warnings]) terminal.say(`warning: ${printable(warning)}`)
  if (isJson) return show(terminal, await listDefaults(deps, image), asked)
  terminal.out(
    `${headOf({ image, isImageJson: false })}: ${told.length === 0 ? 'nothing to change' : printable(told.join(', '))}`,
  )
}

function show(terminal: Terminal, places: readonly DefaultsPlace[], { image, isJson }: Asked): void {
  if (isJson) {
    terminal.out(
      toJson(
        places.map((place) => ({ image: place.image ?? null, imageJson: place.isImageJson, settings: place.settings })),
      ),
    )
    return
  }
  const filled = places.filter(({ settings }) => Object.keys(settings).length > 0)
  if (filled.length === 0) {
    terminal.say(`nothing is set for ${image === undefined ? 'all hosts, nor for an image' : `image ${image}`}`)
  }
  for (const place of filled) {
    terminal.out(terminal.colors.bold(headOf(place)))
    const rows = flatSettings(place.settings).map(([path, value]) => [printable(path), printable(formatValue(value))])
    for (const line of columns(['', ''], rows).slice(1)) terminal.out(`  ${line}`)
  }
}

function headOf({ image, isImageJson }: Pick<DefaultsPlace, 'image' | 'isImageJson'>): string {
  if (image === undefined) return 'all hosts'
  return isImageJson ? `image ${image}, by its image.json` : `image ${image}`
}
