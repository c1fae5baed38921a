import { createServer, type Server as NetServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * Sockets that listen at one address. Node takes one connection from each of them a turn of its event loop (libuv, since
 * 1.45): with a single one, a server whose turns are long takes a crowd that comes back too slowly, each connection long
 * after whoever opened it has gone, and so no other ever, though it has time for the requests.
 */
const listeners = process.platform === 'linux' ? 16 : 1

/** Listens; returns the address. Rejects with `EADDRINUSE` when any process listens there, of this kind too. */
export async function listenAt(server: Listening, { host, port }: { host: string; port: number }): Promise<string> {
  if (listeners === 1) return server.listen({ host, port })
  // Sockets that share a port share it with whoever else means to: one that does not finds out first.
  const free = await listening(createServer(), { host, port })
  const shared = { host, port: portOf(free), reusePort: true }
  await closed(free)
  const further: NetServer[] = []
  furtherSockets.set(server.server, further)
  const url = await server.listen(shared)
  while (further.length < listeners - 1) {
    const one = createServer((socket) => void server.server.emit('connection', socket))
    further.push(await listening(one, shared))
  }
  return url
}

/** Ends all listening; resolves once everybody on a connection has been answered. A server closes only its own socket. */
export async function stopListening({ server }: Pick<Listening, 'server'>): Promise<void> {
  const over = [server, ...(furtherSockets.get(server) ?? [])].map(closed)
  server.closeIdleConnections()
  await Promise.all(over)
}

type Listening = Pick<FastifyInstance, 'server' | 'listen'>

const furtherSockets = new WeakMap<NetServer, readonly NetServer[]>()

function listening(
  server: NetServer,
  options: { host: string; port: number; reusePort?: boolean },
): Promise<NetServer> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

function closed(server: NetServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

function portOf(server: NetServer): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port')
  return address.port
}
