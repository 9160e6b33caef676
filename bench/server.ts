import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Child, freePort } from './child.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Folders {
  readonly data: string
  readonly images: string
  /** The file that its log goes to, as in service. */
  readonly log: string
}

/** Starts the server as `scripts/serve` does. */
export async function startServer({ data, images, log }: Folders, ...more: readonly string[]): Promise<Child> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const doors = ['--host', '127.0.0.1', '--port', `${port}`, '--admin-port', `${adminPort}`]
  const args = [join(ROOT, 'src/cli/main.ts'), 'serve', ...doors, '--data', data, '--images', images, ...more]
  return Child.start(process.execPath, args, port, log)
}
