import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { rename } from '../../src/core/edit.ts'
import { type AdminServer, adminServer } from '../http/admin/admin-server.ts'
import { MACHINE, putLinux } from '../http/lab-server.ts'
import { visit } from './browser.ts'

async function rack(t: TestContext, machines: number): Promise<AdminServer> {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  for (let n = 1; n <= machines; n++) await lab.server.boot(n === 1 ? MACHINE : `serial=SER-${n}`)
  return lab
}

test('an empty fleet teaches, and a machine that is powered on shows there by itself', async (t) => {
  const lab = await rack(t, 0)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(url)
  await page.getByText('No machine yet').waitFor()
  await page.getByText('live', { exact: true }).waitFor()
  await visitor.check()
  await lab.server.boot(MACHINE)
  await page.getByRole('link', { name: 'host 1' }).waitFor()
  await page
    .getByText('Nobody has said yet what this machine is for')
    .or(page.getByText('nobody has said yet'))
    .first()
    .waitFor()
  await visitor.check()
})

test('an image is assigned to many hosts, after what would be wiped was said', async (t) => {
  const lab = await rack(t, 3)
  await lab.server.assign(1, 'finished')
  await lab.server.store.changeHost(1, 0, (host) => rename(host, 'esx1'))
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(url)
  await page.getByLabel('Select all on this page').check()
  await page.getByText('3 hosts selected').waitFor()
  await page.getByLabel('Images to install, in order').fill('demo')
  await page.getByRole('button', { name: 'Assign…' }).click()

  await page.getByRole('heading', { name: 'Install demo on 3 hosts?' }).waitFor()
  await page.getByText('Finished, and perhaps in use').waitFor()
  await visitor.check()
  const word = page.getByLabel('Installing over a finished host cannot be undone')
  await word.fill('esx2')
  await page.getByRole('button', { name: 'Install on 3 hosts' }).click()
  await page.getByText('Nothing was changed: type esx1 to go on.').waitFor()
  await visitor.check(400)
  assert.equal((await lab.server.host(1)).state, 'finished')
  await word.fill('esx1')
  await page.getByRole('button', { name: 'Install on 3 hosts' }).click()
  await page.getByText('host 1 (esx1): plan is demo').waitFor()
  for (const id of [1, 2, 3]) assert.equal((await lab.server.host(id)).state, 'assigned')
  await visitor.check()
})

test('hosts are found while one types, by the keyboard alone', async (t) => {
  const lab = await rack(t, 3)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(url)
  await page.keyboard.press('/')
  await page.keyboard.type('SER-3')
  await page.getByText('1 host shown').waitFor()
  assert.match(page.url(), /\?q=SER-3/)
  await page.getByRole('link', { name: 'host 3' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'host 3' }).waitFor()
  await visitor.check()
})

test('ticks, and what one types, outlive the news that come meanwhile', async (t) => {
  const lab = await rack(t, 2)
  await using visitor = await visit(lab)
  const { page, url } = visitor
  await page.goto(url)
  await page.getByText('live', { exact: true }).waitFor()
  await page.getByLabel('Select host 2').check()
  const plan = page.getByLabel('Images to install, in order')
  await plan.pressSequentially('de')
  await lab.server.boot('serial=SER-9')
  await page.getByRole('link', { name: 'host 3' }).waitFor()
  await page.keyboard.type('mo')
  assert.equal(await plan.inputValue(), 'demo')
  assert.equal(await page.getByLabel('Select host 2').isChecked(), true)
  await page.getByText('1 host selected').waitFor()
})

test('everything can be read without JavaScript, and forms work', async (t) => {
  const lab = await rack(t, 2)
  await using visitor = await visit(lab, { javaScriptEnabled: false })
  const { page, url } = visitor
  await page.goto(url)
  await page.getByLabel('Select host 2').check()
  await page.getByRole('button', { name: 'Protect…', exact: true }).click()
  await page.getByRole('button', { name: 'Protect 1 host' }).click()
  await page.getByText('host 2: no plan is accepted from now on').waitFor()
  await page.goto(`${url}/hosts/2`)
  await page.getByRole('heading', { name: 'What it would get now' }).waitFor()
})

test('a phone and a dark room show the same, without going out of the screen', async (t) => {
  const lab = await rack(t, 3)
  await lab.server.assign(2, 'demo')
  await using visitor = await visit(lab, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const { page, url } = visitor
  for (const path of ['/', '/hosts/2', '/images', '/server']) {
    await page.goto(url + path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    assert.ok(Number(overflow) <= 0, `${path} is ${overflow} pixels too wide`)
    await visitor.check()
  }
})
