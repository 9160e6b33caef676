import { rmSync } from 'node:fs'
import { createConnection, createServer, type NetConnectOpts, type Server } from 'node:net'
import { join } from 'node:path'
import { requireLab } from './lab-process.ts'

/** A socket of the file system is seen from both sides of a network namespace; nothing else is. */
function gate(directory: string, port: number): string {
  return join(directory, `port-${port}`)
}

/** Inside the lab: lets the person outside reach `target` at 127.0.0.1:`port`, when enter.ts was told `--publish port`. */
export async function publish(port: number, target: NetConnectOpts): Promise<Server> {
  const path = gate(requireLab(), port)
  rmSync(path, { force: true })
  return await forward({ path }, target)
}

/** Outside: the other half of {@link publish}. */
export async function listenOutside(directory: string, port: number): Promise<Server> {
  return await forward({ host: '127.0.0.1', port }, { path: gate(directory, port) })
}

function forward(from: { host: string; port: number } | { path: string }, to: NetConnectOpts): Promise<Server> {
  const server = createServer((near) => {
    const far = createConnection(to)
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(from, () => resolve(server.unref()))
  })
}
