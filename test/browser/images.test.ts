import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { adminServer } from '../http/admin/admin-server.ts'
import { MACHINE } from '../http/lab-server.ts'
import { makeEsxiIso } from '../lab/esxi-iso.ts'
import { visit } from './browser.ts'

async function installerIso(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const iso = join(folder, 'VMware-VMvisor-Installer-8.0U3.iso')
  await makeEsxiIso(iso, { release: '8.0U3b', scheme: 'plain' })
  return iso
}

test("an installer's ISO goes from the browser to a host's plan; it is verified, and deleted when no plan names it", async (t) => {
  const lab = await adminServer(t)
  await lab.server.boot(MACHINE)
  const iso = await installerIso(t)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(`${url}/images`)
  await page.getByText('No image yet').waitFor()
  await visitor.check()

  await page.getByLabel('File', { exact: true }).setInputFiles(iso)
  assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'VMware-VMvisor-Installer-8.0U3')
  await page.getByRole('textbox', { name: 'Name' }).fill('new')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('name of a state').waitFor()
  await visitor.check(400)
  await page.getByRole('textbox', { name: 'Name' }).fill('esxi8')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('Image esxi8 is imported: VMware ESXi 8.0').waitFor()
  await visitor.check()

  lab.server.later()
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText(/Image esxi8: \d+ files as imported\./).waitFor()
  await lab.server.put('images/esxi8/s.v00', 'not what it was')
  lab.server.later()
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText('Image esxi8 is not as it was imported:').waitFor()
  await page.getByText('s.v00').first().waitFor()
  await visitor.check()

  await lab.server.store.changeHost(1, 0, (host) => ({
    host: { ...host, state: 'assigned', plan: { images: ['esxi8'], end: 'finished' } },
    events: [],
  }))
  await page.getByRole('link', { name: 'Delete…' }).click()
  await page.getByText('It is in the plan of a host.').waitFor()
  await visitor.check()
  await lab.server.assign(1, 'new')
  await page.reload()
  await page.getByRole('button', { name: 'Delete esxi8' }).click()
  await page.getByText('Image esxi8 is gone.').waitFor()
  await page.getByText('No image yet').waitFor()
  await visitor.check()
})
