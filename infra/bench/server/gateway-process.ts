import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { startGateway, type Gateway } from '../../app/gateway/gateway.ts'
import type { Ask, Said } from './messages.ts'

let gateway: Gateway | undefined

process.on('message', (ask: Ask) => {
  answer(ask).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

/** A gateway in a process of its own, as `millrace gateway` runs it. */
async function answer(ask: Ask): Promise<void> {
  switch (ask.type) {
    case 'start-gateway': {
      const metrics = prometheusMetrics()
      gateway = await startGateway({
        ingestUrls: ask.urls,
        serveUrls: ask.urls,
        trainUrls: [],
        host: '127.0.0.1',
        port: 0,
        metrics,
        renderMetrics: async () => (await metrics.render()).body,
        report: (error, doing) => console.error(doing, error),
      })
      say({ type: 'listening', url: gateway.url })
      return
    }
    case 'stop':
      await gateway?.stop()
      process.disconnect()
      return
    case 'start':
    case 'start-bare':
    case 'state':
    case 'caught-up':
      throw new Error(`a gateway is not asked for ${ask.type}`)
  }
}

function say(said: Said): void {
  process.send?.(said)
}
