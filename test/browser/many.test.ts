import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newHost } from '../../src/core/host.ts'
import { parseMac } from '../../src/core/identity.ts'
import { adminServer } from '../http/admin/admin-server.ts'
import { putLinux } from '../http/lab-server.ts'
import { visit } from './browser.ts'

const HOSTS = 10_000

test('ten thousand hosts are a page as any other', async (t) => {
  const lab = await adminServer(t)
  await putLinux(lab.server, 'demo')
  const hosts = Array.from({ length: HOSTS }, (_, index) => {
    const hex = index.toString(16).padStart(8, '0')
    const mac = parseMac(`02:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6)}`)
    const host = newHost({ macs: [mac], serial: `SER-${index}`, uuid: undefined }, 0)
    return { id: index + 1, ...host, hostname: `esx${index}`, state: 'finished' as const, rest: 'finished' as const }
  })
  await lab.server.store.addHosts(hosts, 0, { type: 'imported', text: 'from a list' })
  await using visitor = await visit(lab)
  const { page, url } = visitor
  const started = performance.now()
  await page.goto(url)
  await page.getByText('100 hosts shown').waitFor()
  t.diagnostic(`first page after ${Math.round(performance.now() - started)} ms`)
  assert.equal(await page.getByRole('row').count(), 101)
  const typed = performance.now()
  await page.getByLabel('Search hosts').fill('esx9876')
  await page.getByText('1 host shown').waitFor()
  t.diagnostic(`found after ${Math.round(performance.now() - typed)} ms`)
  await visitor.check()
  await page.goto(`${url}/?order=name`)
  await page.getByRole('link', { name: 'Next 100' }).click()
  await page.getByRole('link', { name: 'First page' }).waitFor()
  await page.getByText('100 hosts shown').waitFor()
  await visitor.check()
})
