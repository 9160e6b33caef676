import type { FastifyInstance, FastifySchema } from 'fastify'
import { usualRole } from '../../../core/access.ts'

const ABOUT = `What \`metalspray\` can do on the command line, for other programs.

Errors are \`application/problem+json\` and name the fields that are wrong. A host in a path is what \`edit-host -i\` takes: its id, name, a
MAC address, serial or UUID. \`ETag\` and \`If-Match\` keep two people from undoing each other's changes of a host.`

/** That page, too, is of this server alone, however it is reached: the usual policy of its package has all of it fetched by TLS, and allows others. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * Has the routes of a door told as an OpenAPI document, and as a page to try them. It has to come before them.
 * @param icon what stands for the program, as SVG
 */
export async function documentApi(app: FastifyInstance, version: string, icon: string): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger')
  const { default: page } = await import('@fastify/swagger-ui')
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'metalspray',
        version,
        description: ABOUT,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This server' }],
      tags: [
        { name: 'hosts', description: 'Machines: what is known of them, and what they get' },
        { name: 'events', description: 'What happened, and what happens now' },
        { name: 'images', description: 'What can be installed' },
        { name: 'webhooks', description: 'Who is told of what happens' },
        { name: 'tokens', description: 'Who may come to this door' },
        { name: 'server', description: 'What counts for all hosts, and how the server is' },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: '`metalspray token create` makes one' },
        },
      },
      security: [{ token: [] }, {}],
    },
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      if (schema === undefined) return { schema: { hide: true }, url }
      const { description, ...rest } = schema as FastifySchema & { readonly description?: string }
      const needed = route.config?.role ?? usualRole(String(route.method))
      const role = `Needs the role ${needed}.`
      return { schema: { ...rest, description: description === undefined ? role : `${description} ${role}` }, url }
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, at) => String(json['$id'] ?? `def-${at}`) },
  })
  await app.register(page, {
    routePrefix: '/api/docs',
    uiConfig: { deepLinking: true, displayRequestDuration: true, tryItOutEnabled: true },
    staticCSP: POLICY,
    theme: { title: 'metalspray API' },
    logo: { type: 'image/svg+xml', content: icon, href: '/' },
  })
}
