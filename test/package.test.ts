import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

let folder = ''
let installed = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalspray-package-'))
  await run('npm', ['run', '--silent', 'build'], { cwd: root })
  await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const archive = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
  installed = join(folder, 'node_modules', 'metalspray')
  await mkdir(installed, { recursive: true })
  await run('tar', ['-xzf', join(folder, archive), '-C', installed, '--strip-components=1'])
  await linkDependencies()
})

after(() => rm(folder, { recursive: true, force: true }))

/** The packages that npm would install beside ours: the ones it names, from the checkout. */
async function linkDependencies(): Promise<void> {
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, 'node_modules', name), link)
  }
}

test('the packed program runs where Node strips no types', async () => {
  const { stdout } = await run(process.execPath, [join(installed, 'dist/cli/main.js'), '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  const help = await run(process.execPath, [join(installed, 'dist/cli/edit-host-main.js'), '--help'])
  assert.match(help.stdout, /--host/)
})

test('the schema that editors use is in the package', async () => {
  const schema = JSON.parse(await readFile(join(installed, 'docs/host-config.schema.json'), 'utf8'))
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
})

test('the packed server finds the templates that come with it', async (t) => {
  const options = ['--host', '127.0.0.1', '--port', '0', '--admin-port', '0']
  const server = spawn(process.execPath, [join(installed, 'dist/cli/main.js'), 'serve', ...options], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => server.kill('SIGKILL'))
  let address: string | undefined
  for await (const line of createInterface({ input: server.stdout })) {
    address = /boot door on (http:[^"]+)/.exec(line)?.[1]
    if (address !== undefined) break
  }
  const answer = await fetch(`${address}/bootstrap.ipxe`)
  assert.match(await answer.text(), /^#!ipxe\n/)
  server.kill('SIGTERM')
  assert.deepEqual(await once(server, 'exit'), [0, null])
})
