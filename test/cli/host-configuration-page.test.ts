import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { readHostConfig } from '../../src/core/config/read-config.ts'
import { isJsonObject } from '../../src/core/json.ts'
import { type Config, simulatedCommands } from '../kinds/esxi/configure/page-host.ts'
import { firmwareOf, writeMedium } from './esxi-medium.ts'
import { host, type Place, place } from './program.ts'

const PAGE = new URL('../../docs/host-configuration.md', import.meta.url)
/** `UPDATE_DOCS=1 node --test …` writes what the programs say into the page: read what changed before it is committed. */
const isUpdate = process.env['UPDATE_DOCS'] === '1'

/** What stands between two fences, with the name of the file that it is, if it is one. */
interface Block {
  readonly file: string | undefined
  /** `sh` for what an installed ESXi is told. */
  readonly language: string
  readonly text: string
}

interface Section {
  readonly title: string
  readonly blocks: readonly Block[]
}

/** The page from heading to heading. */
function sectionsOf(page: string): readonly Section[] {
  return page.split(/\n##+ /).map((text) => {
    const [title = ''] = text.split('\n')
    const fences = [...text.matchAll(/(?:^`(\S+)`:\n\n)?^```(\w*)\n([\s\S]*?)^```$/gm)]
    const blocks = fences.map(([, path, language = '', body = '']) => ({
      file: path ?? /^# (\S+\.yaml)$/m.exec(body)?.[1],
      language,
      text: body,
    }))
    return { title, blocks }
  })
}

/** Runs one line of the page in a place of its own. @returns what a person would see */
async function see(here: Place, line: string): Promise<string> {
  const [command = '', filter] = line.split(' | grep ^')
  const [program, ...args] = command.split(' ')
  const { stdout, stderr } = await here.inProcess(...(program === 'metalspray' ? [] : [program ?? '']), ...args)
  if (filter === undefined) return stderr + stdout
  return stdout.replace(/.*\n/g, (each) => (each.startsWith(filter) ? each : ''))
}

/** The same block as it is by what the programs say now. */
async function made(here: Place, { language, text }: Block): Promise<string> {
  if (language === 'sh') {
    const config = (await here.hosts()).find(({ hostname }) => hostname === 'esx01')?.metadata['config'] ?? {}
    assert.ok(isJsonObject(config))
    const described: Config = JSON.parse(JSON.stringify(readHostConfig([config])))
    return (await simulatedCommands(described)).map((command) => `${command}\n`).join('')
  }
  if (!text.startsWith('$ ')) return text
  const lines = text.split('\n').filter((line) => line.startsWith('$ '))
  let said = ''
  for (const line of lines) said += `${line}\n${await see(here, line.slice(2))}`
  return said
}

async function rack(t: TestContext, { blocks }: Section): Promise<Place> {
  const here = await place(t)
  const firmware = firmwareOf('efi', 'x86_64')
  await here.addHosts(host(1, { hostname: 'web01' }), host(2, { hostname: 'esx01', firmware }))
  if (blocks.some(({ text }) => text.includes('--image esxi8'))) await writeMedium(here, 'esxi8')
  return here
}

describe('what the page about host configuration shows is what the programs say', () => {
  const sections = sectionsOf(readFileSync(PAGE, 'utf8')).filter(({ blocks }) => blocks.length > 0)
  for (const section of sections) {
    test(section.title, async (t) => {
      const here = await rack(t, section)
      for (const block of section.blocks) {
        if (block.file !== undefined) {
          await here.write(block.file, block.text)
          continue
        }
        const said = await made(here, block)
        if (isUpdate) update(section.title, block.text, said)
        else assert.equal(block.text, said)
      }
    })
  }

  test('there are all ways in, each with what ESXi is told', () => {
    const told = sections.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'sh'))
    assert.equal(told.length, 5)
    const said = sections
      .flatMap(({ blocks }) => blocks)
      .map(({ text }) => text)
      .join('')
    for (const form of [
      'a description of our own form',
      'an OpenStack config drive',
      "curtin's configuration",
      'netplan',
      'a cloud-init seed',
    ]) {
      assert.ok(said.includes(`is read as ${form}\n`), form)
    }
  })
})

function update(title: string, before: string, after: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const at = page.indexOf(`\n${before}\`\`\``, page.indexOf(title)) + 1
  writeFileSync(PAGE, page.slice(0, at) + after + page.slice(at + before.length))
}
