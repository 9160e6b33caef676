import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import type { AdminServer } from '../http/admin/admin-server.ts'

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium'
/** A ceiling for machines that are slow and shared; everything waits for what it is about. */
const CEILING = 120_000

/** Nothing that a browser does on its own account belongs into a test. */
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-sync']

let running: Promise<Browser> | undefined

/** The browser of this process, started when it is first needed. */
function browser(): Promise<Browser> {
  running ??= chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, timeout: CEILING })
  return running
}

after(async () => (await running)?.close())

/** A person at a browser. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page
  /** The address of the server. */
  readonly url: string
  /**
   * Fails when the page complained, asked anybody else, or cannot be used by everybody (axe-core).
   * @param refused the status of a form that was refused, of which Chromium complains
   */
  check(refused?: number): Promise<void>
}

/** Opens a browser's window before the pages of a server. */
export async function visit(server: AdminServer | string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const url = typeof server === 'string' ? server : await listen(server)
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 }, ...options })
  context.setDefaultTimeout(CEILING)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const asked = new URL(request.url())
    if (asked.origin !== new URL(url).origin && asked.protocol !== 'data:') complaints.push(`asked ${request.url()}`)
  })
  return {
    page,
    url,
    check: async (refused) => {
      const isMeant = (complaint: string) => complaint.includes(`responded with a status of ${refused} `)
      assert.deepEqual(
        complaints.splice(0).filter((complaint) => !isMeant(complaint)),
        [],
      )
      assert.deepEqual(await barriers(page), [])
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

async function listen({ admin }: AdminServer): Promise<string> {
  if (!admin.server.listening) await admin.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(admin.server.address() as AddressInfo).port}`
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}

/** What keeps people from using a page, by the rules of WCAG 2.2 AA. */
async function barriers(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  // Evaluated, not loaded: the page's own policy forbids it to load what is not its server's.
  await page.evaluate(axe)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = (await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(tags)} })`)) as AxeResults
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
