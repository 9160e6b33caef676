import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import type { Role } from '../../src/core/access.ts'
import { type LabDoor, labDoor } from '../http/admin/lab-door.ts'
import { MACHINE, putLinux } from '../http/lab-server.ts'
import { type Visitor, visit } from './browser.ts'

/** A door that asks everybody for a token, with one image and one machine behind it. */
async function guarded(t: TestContext): Promise<{ readonly door: LabDoor; readonly url: string }> {
  const door = await labDoor(t, { asksForToken: true })
  await putLinux(door.server, 'demo')
  await door.server.boot(MACHINE)
  await door.app.listen({ host: '127.0.0.1', port: 0 })
  return { door, url: `http://127.0.0.1:${(door.app.server.address() as AddressInfo).port}` }
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Somebody of a role who has signed in and is at the fleet. */
async function enter({ door, url }: Awaited<ReturnType<typeof guarded>>, role: Role): Promise<Visitor> {
  const visitor = await visit(url)
  await visitor.page.goto(url)
  await signIn(visitor.page, await door.token(`a-${role}`, role))
  await visitor.page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor()
  return visitor
}

const buttons = (page: Page) => page.getByRole('main').getByRole('button')

test('a wrong token is refused in words, the right one leads to where one wanted to go, and signing out ends it', async (t) => {
  const lab = await guarded(t)
  await using visitor = await visit(lab.url)
  const { page, url } = visitor
  await page.goto(`${url}/hosts/1`)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await visitor.check()
  await signIn(page, `ms_${'0'.repeat(40)}`)
  await page.getByRole('alert').getByText('there is no such token').waitFor()
  await visitor.check(401)

  await signIn(page, await lab.door.token('anna', 'operator'))
  await page.getByRole('heading', { level: 1, name: 'host 1' }).waitFor()
  await page.getByText('token anna', { exact: true }).waitFor()
  await page.getByText('live', { exact: true }).waitFor()
  await visitor.check()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  await page.goto(`${url}/`)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
  assert.deepEqual(await page.context().cookies(), [])
  await visitor.check()
})

test('who may only look sees every page, and nothing to press that changes anything', async (t) => {
  const lab = await guarded(t)
  await using visitor = await enter(lab, 'viewer')
  const { page, url } = visitor
  assert.equal(await page.getByLabel('Select host 1').count(), 0)
  for (const [path, heading, pressed] of [
    ['/hosts/1', 'host 1', ['Compare']],
    ['/images', 'Images', []],
    ['/server', 'Server', []],
  ] as const) {
    await page.goto(url + path)
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    assert.deepEqual(await buttons(page).allTextContents(), pressed, path)
    await visitor.check()
  }
})

test('an operator changes hosts, by his own name, and no images', async (t) => {
  const lab = await guarded(t)
  await using visitor = await enter(lab, 'operator')
  const { page, url } = visitor
  await page.getByLabel('Select host 1').check()
  await page.getByLabel('Images to install, in order').fill('demo')
  await page.getByRole('button', { name: 'Assign…' }).click()
  await page.getByRole('button', { name: 'Install on 1 host' }).click()
  await page.getByText('host 1: plan is demo').waitFor()
  await page.getByRole('link', { name: 'host 1' }).first().click()
  await page.getByText('by token a-operator').first().waitFor()
  await page.goto(`${url}/images`)
  await page.getByRole('heading', { level: 1, name: 'Images' }).waitFor()
  assert.deepEqual(await buttons(page).allTextContents(), [])
  await visitor.check()
})

test('a session ends with its token, and the next thing that one does leads to the sign-in', async (t) => {
  const lab = await guarded(t)
  await using visitor = await enter(lab, 'operator')
  const { page, url } = visitor
  await lab.door.revoke('a-operator')
  await page.goto(`${url}/hosts/1`)
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
})
