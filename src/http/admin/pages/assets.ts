import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'

const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const

/** Our own files; htmx is in its package. */
const OWN: readonly (readonly [name: string, type: keyof typeof TYPES])[] = [
  ['metalspray.css', 'css'],
  ['live.js', 'js'],
  ['upload.js', 'js'],
  ['icon.svg', 'svg'],
]

/**
 * The style sheet and scripts of the pages. They are asked for at every page, and sent when they are not what the browser has. The
 * sign-in page needs them, too, before anybody is known.
 */
export const assetRoutes: FastifyPluginAsync<{ readonly directory: string }> = async (app, { directory }) => {
  const htmx = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')
  const files = OWN.map(([name, type]) => [name, type, join(directory, name)] as const)
  for (const [name, type, path] of [...files, ['htmx.min.js', 'js', htmx] as const]) {
    const body = await readFile(path)
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    app.get(`/assets/${name}`, { config: { open: true } }, async (request, reply) => {
      reply.headers({ etag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(TYPES[type]).send(body)
    })
  }
}
