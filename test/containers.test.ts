import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'

// No engine builds or runs containers here: what can be checked without one is that the two files name what there is.
const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Service {
  readonly network_mode?: string
  readonly command?: readonly string[]
  readonly environment?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
}

const TLS = 'test/http/admin/tls/localhost'
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }
const dockerfile = read('Dockerfile')

async function helpOf(command: string): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'src/cli/main.ts'), command, '--help'])
  return stdout
}

test('both services are on the network of the machine itself, where DHCP is heard', () => {
  assert.deepEqual(Object.keys(compose.services), ['server', 'dnsmasq'])
  for (const service of Object.values(compose.services)) assert.equal(service.network_mode, 'host')
})

test('the services run commands that the program has, with variables that it reads', async () => {
  const { server } = compose.services
  const serveHelp = await helpOf(server?.command?.[0] ?? '')
  assert.match(serveHelp, /--port/)
  for (const variable of server?.environment ?? []) {
    assert.ok(serveHelp.replace(/\s+/g, ' ').includes(`env: ${variable})`), `${variable} is no variable of serve`)
  }
  const { command, environment = [] } = compose.services['dnsmasq'] ?? {}
  assert.match(command?.join(' ') ?? '', /^metalspray dnsmasq-config > /)
  const help = await helpOf('dnsmasq-config')
  for (const variable of environment.map((entry) => entry.split('=')[0] ?? '')) {
    assert.ok(help.includes(variable), `${variable} is no variable of dnsmasq-config`)
  }
})

for (const [name, open, env] of [
  ['plain HTTP', (answer: RequestListener) => createServer(answer), {}],
  [
    'TLS',
    (answer: RequestListener) => createTlsServer({ cert: read(`${TLS}.pem`), key: read(`${TLS}.key`) }, answer),
    { METALSPRAY_TLS_CERT: '/etc/metalspray/tls/door.pem', METALSPRAY_ADMIN_HOST: '0.0.0.0' },
  ],
] as const) {
  test(`the check of health asks the admin door by ${name}`, async (t) => {
    let status = 200
    const door = open((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
    t.after(() => door.close())
    await once(door, 'listening')
    const port = String((door.address() as AddressInfo).port)
    const [, , ...words] = compose.services['server']?.healthcheck?.test ?? []
    const check = async () => run(process.execPath, words, { env: { ...env, METALSPRAY_ADMIN_PORT: port } })
    await check()
    status = 503
    await assert.rejects(check(), { code: 1 })
  })
}

test('the image is built from files that are there and that the build may see', () => {
  const sources = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '))
  const visible = read('.dockerignore').split('\n')
  assert.ok(sources.length > 0)
  for (const source of sources) {
    assert.ok(existsSync(join(root, source)), `${source} is not there`)
    assert.ok(visible.includes(`!${source.replace('./', '')}`), `${source} is kept from the build by .dockerignore`)
  }
})

test('the image has every program that serving calls', () => {
  const packages = /--no-install-recommends (.*) \\/.exec(dockerfile)?.[1]?.split(' ') ?? []
  const wanted = [...read('scripts/serve').matchAll(/([a-z0-9-]+)=[a-z/]/g)].map((match) => match[1] ?? '')
  assert.deepEqual(wanted.length, 4)
  for (const name of [...wanted, 'xz-utils']) assert.ok(packages.includes(name), `${name} is missing`)
})
