import { startStandalone, type Standalone } from '../../app/standalone.ts'
import { loadConfig } from '../../app/config.ts'
import type { Ask, Said, ServerState } from './messages.ts'

let standalone: Standalone | undefined

process.on('message', (ask: Ask) => {
  answer(ask).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

async function answer(ask: Ask): Promise<void> {
  switch (ask.type) {
    case 'start': {
      standalone = await startStandalone(loadConfig({ env: {}, flags: ask.config }), { report: console.error })
      await standalone.caughtUp()
      say({ type: 'listening', url: standalone.url })
      return
    }
    case 'state':
      say({ type: 'state', ...(await stateOf(running())) })
      return
    case 'caught-up':
      await running().caughtUp()
      say({ type: 'caught-up' })
      return
    case 'stop':
      await running().close()
      process.disconnect()
      return
    case 'start-bare':
    case 'start-gateway':
      throw new Error('this is not the bare server')
  }
}

function running(): Standalone {
  if (standalone === undefined) throw new Error('the server was not started')
  return standalone
}

async function stateOf({ parts: { log, store } }: Standalone): Promise<ServerState> {
  const bounds = await log.bounds('interactions')
  const checkpoints = await Promise.all(bounds.map(({ partition }) => store.checkpoint('interactions', partition)))
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    rssBytes: rss,
    heapBytes: heapUsed,
    cpuSeconds: (user + system) / 1e6,
    accepted: bounds.reduce((sum, { end }) => sum + end, 0),
    folded: checkpoints.reduce((sum, checkpoint) => sum + (checkpoint?.offset ?? 0), 0),
  }
}

function say(said: Said): void {
  process.send?.(said)
}
