import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { assign } from '../../src/core/edit.ts'
import { newHost } from '../../src/core/host.ts'
import { parsePlan } from '../../src/core/plan.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { type Visitor, visit } from '../browser/browser.ts'
import { esxiMedium } from '../lab/esxi/medium.ts'
import { kiwiImage } from '../lab/kiwi-image.ts'
import { Rig } from '../lab/rig.ts'
import { identityOf, macOf } from '../support/hosts.ts'
import { CEILING } from './ceiling.ts'
import { ESXI } from './esxi-rack.ts'

const PORT = 5001
const MIN = 60_000

/** A server room whose pages are reached over the network, by people who have a token. */
export interface PagesRack {
  readonly rig: Rig
  /** Somebody who signed in as an operator. */
  signIn(): Promise<Visitor>
}

/** Starts a server that has an ESXi-like image and a small one, `alpha`. */
export async function pagesRack(): Promise<PagesRack> {
  const rig = await Rig.build()
  const { iso } = await esxiMedium({ release: '8.0U3b', scheme: 'plain', megabytes: 4 })
  await rig.importImage(ESXI, iso)
  await rig.importImage('alpha', (await kiwiImage({ name: 'alpha' })).tarball)
  const made = await rig.metalspray('token', 'create', 'anna', '--role', 'operator', '--data', rig.data)
  const token = made.trim()
  await rig.startServer('--admin-host', rig.network.address, '--admin-port', String(PORT))
  const signIn = async () => {
    const visitor = await visit(`http://${rig.network.address}:${PORT}`)
    visitor.page.setDefaultTimeout(CEILING)
    await visitor.page.goto(visitor.url)
    await visitor.page.getByLabel('Token').fill(token)
    await visitor.page.getByRole('button', { name: 'Sign in' }).click()
    await visitor.page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor()
    return visitor
  }
  return { rig, signIn }
}

/** Waits until the fleet's page and the host's own say what is wrong with a machine, and what to do. @param host its serial or address */
export async function expectTold({ page, url }: Visitor, host: string, wrong: RegExp, todo: RegExp): Promise<void> {
  await page.goto(url)
  await page.getByText('live', { exact: true }).waitFor()
  const ofHost = page.locator('tbody tr', { has: page.locator('td.name', { hasText: host }) })
  const line = ofHost.filter({ hasText: wrong }).filter({ hasText: todo })
  await line.waitFor()
  await line.getByRole('link').click()
  await page.locator('#why').filter({ hasText: wrong }).filter({ hasText: todo }).waitFor()
}

/** How far a host's own page says that it is, each once, while nobody loads it again. */
export async function watchProgress(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.getByText('live', { exact: true }).waitFor()
  await page.evaluate(`
    window.told = []
    new MutationObserver(() => {
      const text = document.querySelector('#why progress + small')?.textContent
      if (text !== undefined && !told.includes(text)) told.push(text)
    }).observe(document.body, { childList: true, subtree: true })`)
  // With the page, this would be gone.
  return () => page.evaluate('window.told')
}

/** A host that was entered and given a plan twenty minutes ago, by the store's own clock. @returns its address */
export async function plannedLongAgo(rig: Rig, image: string): Promise<string> {
  await using store = openSqliteStore(join(rig.data, 'metalspray.sqlite'))
  const then = Date.now() - 20 * MIN
  const mac = macOf(0x77)
  const host = { id: 1, ...newHost(identityOf({ macs: [mac] }), then) }
  await store.addHosts([host], then, { type: 'imported', text: 'imported' })
  await store.changeHost(1, then, (known) => assign(known, parsePlan(image)))
  return mac
}

/** Makes a host of a machine that is not on yet. @returns its id */
export async function knownBefore(rig: Rig, mac: string): Promise<number> {
  const answer = await fetch(`${rig.url}/bootstrap?net0=${mac}`)
  if (answer.status !== 200) throw new Error(`${mac}: ${await answer.text()}`)
  const host = (await rig.hosts()).find(({ macs }) => macs.some((one) => one === mac))
  if (host === undefined) throw new Error(`there is no host with ${mac}`)
  return host.id
}
