import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { visit } from './browser.ts'
import { exampleRack } from './example-rack.ts'

/** Where the pictures of the documentation are to be written: `METALSPRAY_PICTURES=docs/pictures`. */
const FOLDER = process.env['METALSPRAY_PICTURES']

async function picture(page: Page, name: string, height?: number): Promise<void> {
  if (FOLDER === undefined) return
  await mkdir(FOLDER, { recursive: true })
  const width = page.viewportSize()?.width ?? 1280
  const clip = height === undefined ? {} : { clip: { x: 0, y: 0, width, height } }
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, caret: 'initial', ...clip })
}

function nameFolders(places: readonly { textContent: string | null }[]): void {
  for (const place of places) place.textContent = (place.textContent ?? '').replace(/^.*\//, '/srv/metalspray/')
}

test('a rack in the midst of the work is shown on every page without barriers', async (t) => {
  const lab = await exampleRack(t)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(url)
  await page.getByText('live', { exact: true }).waitFor()
  await page.getByText('12 hosts shown').waitFor()
  await visitor.check()
  await picture(page, 'fleet')

  for (const name of ['esx01', 'esx04', 'store01']) await page.getByLabel(`Select ${name}`).check()
  await page.getByLabel('Images to install, in order').fill('esxi8')
  await page.getByRole('button', { name: 'Assign…' }).click()
  await page.getByRole('heading', { name: 'Install esxi8 on 3 hosts?' }).waitFor()
  await visitor.check()
  await picture(page, 'confirm')

  await page.goto(`${url}/hosts/esx05`)
  await page.getByText('live', { exact: true }).waitFor()
  await page.locator('#why', { hasText: 'stopped after module' }).waitFor()
  await visitor.check()
  await picture(page, 'host', 1420)

  await page.goto(`${url}/images`)
  await page.getByRole('heading', { level: 1, name: 'Images' }).waitFor()
  await visitor.check()
  await picture(page, 'images')

  await page.goto(`${url}/server`)
  await page.getByRole('link', { name: 'Examine now' }).click()
  await page.getByText('Something keeps machines from booting').waitFor()
  await visitor.check()
  // Where a server keeps its own; not where this test does.
  await page.locator('dd', { hasText: lab.server.folder }).evaluateAll(nameFolders)
  await picture(page, 'server')

  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(url)
  await page.getByText('live', { exact: true }).waitFor()
  await visitor.check()
  await picture(page, 'phone', 844)
})
