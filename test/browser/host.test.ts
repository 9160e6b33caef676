import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminServer } from '../http/admin/admin-server.ts'
import { MACHINE, putLinux } from '../http/lab-server.ts'
import { mediumOf, ROOT } from '../kinds/esxi/media.ts'
import { visit } from './browser.ts'

test("a host's page follows the machine, shows what it gets, and takes metadata", async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  await lab.server.boot(MACHINE)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(`${url}/hosts/1`)
  await page.getByText('live', { exact: true }).waitFor()
  await visitor.check()
  await lab.server.assign(1, 'demo')
  await page.getByText('At its next boot it installs demo: its plan is demo.').waitFor()
  await page.locator('summary', { hasText: 'script' }).first().click()
  await page.locator('pre', { hasText: '#!ipxe' }).first().waitFor()
  await visitor.check()

  const metadata = page.getByRole('textbox', { name: 'Metadata' })
  await metadata.fill('config:\n  hostnam: x')
  await page.getByRole('button', { name: 'Save metadata' }).click()
  await page.getByText('Nothing was changed:').waitFor()
  assert.match(await metadata.inputValue(), /hostnam: x/)
  await visitor.check(400)
  await metadata.fill('rack: b4')
  await page.getByRole('button', { name: 'Save metadata' }).click()
  await page.getByText('Saved.').waitFor()
  assert.deepEqual((await lab.server.host(1)).metadata, { rack: 'b4' })
  await page.getByText('metadata replaced').first().waitFor()
  await visitor.check()
})

test('what a machine says of itself stands on its page, and does nothing there', async (t) => {
  const lab = await adminServer(t)
  // Serials are kept in upper case, which HTML does not care about.
  const says = '<B ID="DID" HX-POST="/HOSTS/1" HX-TRIGGER="LOAD">SER</B>'
  await lab.server.boot(`serial=${encodeURIComponent(says)}`)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(`${url}/hosts/1`)
  await page.locator('summary', { hasText: 'script' }).first().click()
  const script = page.locator('pre', { hasText: '#!ipxe' }).first()
  await script.waitFor()
  assert.equal(await page.locator('#DID').count(), 0)
  assert.ok((await script.textContent())?.includes(`Serial: ${says}`))
  await visitor.check()
})

test("a host's page shows what differs from another host, for everybody to read", async (t) => {
  const lab = await adminServer(t)
  for (const [file, text] of Object.entries(mediumOf())) await lab.server.put(`images/esxi8/${file}`, text)
  lab.server.later()
  await lab.server.store.changeDefaults(undefined, () => ({ esxi: ROOT }))
  for (const id of [1, 2]) {
    await lab.server.boot(`net0=52:54:00:00:00:0${id}&serial=SER-${id}&platform=efi&arch=x86_64&version=1.21.1`)
    await lab.server.assign(id, 'esxi8')
  }
  await using visitor = await visit(lab, { colorScheme: 'dark' })
  const { page, url } = visitor
  await page.goto(`${url}/hosts/2`)
  await page.getByRole('textbox', { name: 'Another host' }).fill('1')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.locator('ins', { hasText: 'BOOTIF=01-52-54-00-00-00-02' }).waitFor()
  assert.equal(new URL(page.url()).search, '?diff=1')
  await page.locator('summary', { hasText: 'How near it is to its limits' }).click()
  await page.getByRole('cell', { name: 'modules of boot.cfg' }).waitFor()
  await visitor.check()
})
