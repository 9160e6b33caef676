import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

/** Where programs of this machine are looked for. */
const PLACES = ['/bin', '/usr/bin', '/usr/local/bin']
/** Every program that the scripts call and busybox has; nothing else is in reach, as on ESXi. */
const APPLETS = ['cat', 'kill', 'mkdir', 'sed', 'sh', 'touch', 'wget']

/** Whether this machine has what the scripts run with. */
export const CAN_RUN = find('busybox') !== undefined && find('python3') !== undefined

/** What a script did. */
export interface Ran {
  readonly status: number
  readonly output: string
}

/** A place like the one that ESXi's scripts run in: busybox, Python, and stand-ins for ESXi's own tools. */
export interface EsxiShell {
  /** Where the scripts keep their files. */
  readonly folder: string
  run(script: string): Promise<Ran>
  /** Puts a program there. */
  program(name: string, text: string): void
  /** What is in a file of {@link folder}; `undefined` when there is none. */
  read(name: string): string | undefined
}

/** Scripts wait as long as a rack's server may be away; the tests do not: its waits of 5 seconds are taken out. */
export function esxiShell(t: TestContext): EsxiShell {
  const root = mkdtempSync(join(tmpdir(), 'metalspray-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const bin = join(root, 'bin')
  const folder = join(root, 'work')
  mkdirSync(bin)
  const busybox = find('busybox') ?? 'busybox'
  const program = (name: string, text: string) => {
    // A link leads to the machine's own busybox.
    rmSync(join(bin, name), { force: true })
    writeFileSync(join(bin, name), text)
    chmodSync(join(bin, name), 0o755)
  }
  for (const applet of APPLETS) symlinkSync(busybox, join(bin, applet))
  program('python', `#!/bin/sh\nexec ${find('python3')} "$@"\n`)
  return {
    folder,
    program,
    read: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined),
    run: async (script) => {
      const file = join(root, 'script')
      const moved = [
        ['/tmp/metalspray', folder],
        ['/sbin/auto-backup.sh', join(bin, 'auto-backup.sh')],
        ['sleep 5', ':'],
      ] as const
      writeFileSync(
        file,
        moved.reduce((text, [from, to]) => text.replaceAll(from, to), script),
      )
      try {
        const { stdout, stderr } = await promisify(execFile)(busybox, ['sh', file], { env: { PATH: bin }, cwd: root })
        return { status: 0, output: stdout + stderr }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { status: code, output: stdout + stderr }
      }
    },
  }
}

/** The program of this name, when this machine has it. */
export function find(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find(existsSync)
}

/** A server that notes what it is asked. */
export interface Listener {
  readonly base: string
  readonly asked: readonly string[]
}

/** @param answer the statuses of its answers, in order; 200 behind them */
export async function listen(t: TestContext, answers: readonly number[] = []): Promise<Listener> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const status = answers[asked.length] ?? 200
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(status, { 'content-type': 'text/plain' }).end('noted\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
