import { expect, it } from 'vitest'
import { metricsContract } from '#schemas/ports/metrics.contract.ts'
import { memoryMetrics } from './metrics.ts'

metricsContract('memory', () => {
  const metrics = memoryMetrics()
  return {
    metrics,
    read: async (name, labels) => metrics.value(name, labels) + metrics.observations(name, labels).length,
  }
})

it('Memory metrics sum over the series that a question does not tell apart', () => {
  const metrics = memoryMetrics()
  metrics.count('millrace_ingest_events_total', 3, { outcome: 'accepted' })
  metrics.count('millrace_ingest_events_total', 1, { outcome: 'rejected' })
  expect(metrics.value('millrace_ingest_events_total')).toBe(4)
})
