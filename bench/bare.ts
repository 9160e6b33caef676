import Fastify from 'fastify'

// What there is to compare with: the same web server, answering from nothing. The port is the only argument.
const SCRIPT = '#!ipxe\necho hello\n'
const app = Fastify()
app.get('/bootstrap', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(SCRIPT))
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 1024 })
