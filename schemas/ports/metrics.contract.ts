import { describe, expect, it } from 'vitest'
import type { MetricName } from '../metrics.ts'
import type { Labels, Metrics } from './metrics.ts'

export interface MetricsUnderTest {
  readonly metrics: Metrics
  /** Value of a counter or gauge, number of observations of a histogram; 0 where nothing was told. */
  readonly read: (name: MetricName, labels: Labels) => Promise<number>
}

export function metricsContract(name: string, open: () => MetricsUnderTest): void {
  describe(`${name} as metrics`, () => {
    it('adds up counts by their labels', async () => {
      const { metrics, read } = open()
      metrics.count('millrace_ingest_events_total', 3, { outcome: 'accepted' })
      metrics.count('millrace_ingest_events_total', 1, { outcome: 'rejected' })
      metrics.count('millrace_ingest_events_total', 4, { outcome: 'accepted' })
      metrics.count('millrace_shed_total')
      expect(await read('millrace_ingest_events_total', { outcome: 'accepted' })).toBe(7)
      expect(await read('millrace_ingest_events_total', { outcome: 'rejected' })).toBe(1)
      expect(await read('millrace_shed_total', {})).toBe(1)
    })

    it('keeps the newest value of a gauge', async () => {
      const { metrics, read } = open()
      metrics.gauge('millrace_index_size', 5, { part: 'base' })
      metrics.gauge('millrace_index_size', 2, { part: 'base' })
      expect(await read('millrace_index_size', { part: 'base' })).toBe(2)
    })

    it('observes times', async () => {
      const { metrics, read } = open()
      metrics.observe('millrace_ingest_latency_seconds', 0.002)
      metrics.observe('millrace_ingest_latency_seconds', 20)
      expect(await read('millrace_ingest_latency_seconds', {})).toBe(2)
    })

    it('never throws, however wrong a measurement is', () => {
      const { metrics } = open()
      expect(() => {
        metrics.count('millrace_shed_total', -1)
        metrics.count('millrace_index_size', 1)
        metrics.gauge('millrace_index_size', Number.NaN, { colour: 'red' })
        metrics.observe('millrace_shed_total', 1)
      }).not.toThrow()
    })
  })
}
