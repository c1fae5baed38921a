import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { openCluster } from '../../app/cluster.ts'
import type { Config } from '../../app/config-keys.ts'
import { startProcessRole } from '../../app/roles/process.ts'
import { solverOf } from '../../app/solver-of.ts'
import { countedStore } from './counted-store.ts'
import type { ProcessorAsk, ProcessorSaid } from './processor.ts'

// The process role as `millrace process` composes it, with a store that counts.
process.on('message', (ask: ProcessorAsk) => {
  answer(ask).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

// The bench has ended, or was killed.
process.once('disconnect', () => process.exit())

let running: Awaited<ReturnType<typeof start>> | undefined

async function answer(ask: ProcessorAsk): Promise<void> {
  switch (ask.type) {
    case 'start':
      running = await start(ask.config)
      say({ type: 'started' })
      return
    case 'state':
      if (running === undefined) throw new Error('the processor was not started')
      say({ type: 'state', traffic: running.traffic, partitions: running.partitions() })
      return
    case 'stop':
      await running?.stop()
      process.disconnect()
      return
  }
}

async function start(config: Config) {
  const metrics = prometheusMetrics()
  let partitions = 0
  const gauge: typeof metrics.gauge = (name, value, labels) => {
    if (name === 'millrace_partitions_owned') partitions = value
    metrics.gauge(name, value, labels)
  }
  const report = (error: unknown, doing: string) => console.error(doing, error)
  const parts = await openCluster(config, { name: 'process', metrics, report })
  const { store, traffic } = countedStore(parts.store)
  const solver = solverOf(config)
  const role = await startProcessRole({ parts: { ...parts, store }, metrics: { ...metrics, gauge }, solver, report })
  role.ended.catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
  return {
    traffic,
    partitions: () => partitions,
    async stop() {
      await role.stop()
      await solver.close()
      await parts.close()
    },
  }
}

function say(said: ProcessorSaid): void {
  process.send?.(said)
}
