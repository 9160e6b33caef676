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

/** Starts the server as people do. */
export async function startServer({ data, images, log }: Folders, ...more: readonly string[]): Promise<Child> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const doors = ['--host', '127.0.0.1', '--port', `${port}`, '--admin-port', `${adminPort}`]
  const args = [...doors, '--data', data, '--images', images, ...more]
  return Child.start(join(ROOT, 'scripts/serve'), args, port, log)
}
