import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { makeKickstart } from '../../../../src/kinds/esxi/kickstart/make.ts'
import { parseKickstart } from '../../../../src/kinds/esxi/kickstart/parse.ts'
import { type EsxiShell, esxiShell, type Listener, listen, type Ran } from './esxi-shell.ts'
import { installRequest, type Wanted } from './fixture.ts'

/** A kickstart's scripts in a place to run them, and a server that they report to. */
export interface Rig extends EsxiShell {
  readonly server: Listener
  /** Runs the script of one section, by its name and its place among those of that name. */
  section(name: string, index?: number): Promise<Ran>
  /** The text of that script. */
  body(name: string, index?: number): string
}

/** @param wanted what the kickstart is made of; `answers` are the server's, as `listen` takes them */
export async function rig(
  t: TestContext,
  wanted: Wanted & { readonly answers?: readonly number[] } = {},
): Promise<Rig> {
  const server = await listen(t, wanted.answers)
  const shell = esxiShell(t)
  const { scripts } = parseKickstart(await makeKickstart(installRequest({ base: server.base, ...wanted })))
  const body = (name: string, index = 0) =>
    scripts.filter((script) => script.name === name)[index]?.body ?? assert.fail(`there is no ${name} ${index}`)
  return { ...shell, server, body, section: (name, index) => shell.run(body(name, index)) }
}
