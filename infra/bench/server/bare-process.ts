import fastify from 'fastify'
import type { Ask, Said } from './messages.ts'

const app = fastify({ bodyLimit: 8 * 1024 * 1024 })

process.on('message', (ask: Ask) => {
  answer(ask).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

/** Fastify with two bare routes: what the framework and the sockets cost without a recommender behind them. */
async function answer(ask: Ask): Promise<void> {
  switch (ask.type) {
    case 'start-bare': {
      let asked = 0
      const next = () => ask.answers[asked++ % ask.answers.length]
      app.post('/v1/interactions', (_, reply) => reply.code(202).type('application/json').send(next()))
      app.get('/v1/users/:id/recommendations', (_, reply) => reply.type('application/json').send(next()))
      app.get('/health/ready', () => ({ status: 'ready' }))
      say({ type: 'listening', url: await app.listen({ host: '127.0.0.1', port: 0 }) })
      return
    }
    case 'state':
      say({ type: 'state', rssBytes: process.memoryUsage.rss(), heapBytes: 0, cpuSeconds: 0, accepted: 0, folded: 0 })
      return
    case 'caught-up':
      say({ type: 'caught-up' })
      return
    case 'stop':
      await app.close()
      process.disconnect()
      return
    case 'start':
    case 'start-gateway':
      throw new Error('this is the bare server')
  }
}

function say(said: Said): void {
  process.send?.(said)
}
