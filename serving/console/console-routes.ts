import { fileURLToPath } from 'node:url'
import staticFiles from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'

const folder = fileURLToPath(new URL('./page/', import.meta.url))

/**
 * The console: `/`, and its modules, styles and icon under `/console/`. The files hold no data, so they are answered
 * without an API key; the page asks for one when the API does.
 */
export function consoleRoutes(): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true }
    })
    await app.register(staticFiles, {
      root: folder,
      prefix: '/console/',
      // One route a file: whatever is not there stays a problem-details 404.
      wildcard: false,
      index: false,
      globIgnore: ['index.html'],
      cacheControl: false,
      setHeaders: (reply) => void reply.header('cache-control', 'no-cache'),
    })
    app.get('/', { schema: { hide: true } }, (_, reply) => reply.sendFile('index.html'))
  }
}
