import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { rename } from '../../../src/core/edit.ts'
import { tempFolder } from '../../support/stores.ts'
import { MACHINE, putLinux } from '../lab-server.ts'
import { adminServer } from './admin-server.ts'

const PAGE = new URL('../../../docs/admin-api.md', import.meta.url)
const ADDRESS = 'http://127.0.0.1:5001'

test('every command of docs/admin-api.md does what it is there for, one after another', async (t) => {
  const { server, admin } = await adminServer(t)
  await putLinux(server, 'wipe', 'esxi8')
  await server.boot('serial=SER-A&mac=52:54:00:12:34:56')
  await server.boot(MACHINE)
  await server.boot('serial=SER-3')
  for (const id of [1, 2]) await server.store.changeHost(id, 0, (host) => rename(host, `esx${id}`))
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```bash\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '')
  assert.ok(blocks.length > 3)
  const script = [
    'set -eu',
    'curl() { command curl -sS --fail-with-body "$@" || { echo "failed: curl $*" >&2; exit 1; }; }',
    ...blocks.map((block) => block.replaceAll(ADDRESS, `http://127.0.0.1:${port}`)),
  ]
  const run = promisify(execFile)('bash', ['-c', script.join('\n')], { cwd: tempFolder(t), maxBuffer: 1 << 26 })
  const { stderr } = await run.catch((error: { stdout: string; stderr: string }) =>
    assert.fail(`${error.stdout.slice(-2000)}\n${error.stderr}`),
  )
  assert.equal(stderr, '')
})

test('the page on HTTP leads to the one on the API', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/http-api.md'), 'utf8')
  assert.match(page, /\]\(admin-api\.md\)/)
})
