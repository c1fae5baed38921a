import { describe, expect, it } from 'vitest'
import { metricsContract } from '#schemas/ports/metrics.contract.ts'
import { prometheusMetrics, type PrometheusMetrics } from './metrics.ts'

async function sample(metrics: PrometheusMetrics, series: string): Promise<number> {
  const { body } = await metrics.render()
  const line = body.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length))
}

metricsContract('prometheus', () => {
  const metrics = prometheusMetrics({ process: false })
  return {
    metrics,
    async read(name, labels) {
      const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      const selector = pairs.length === 0 ? '' : `{${pairs.join()}}`
      return (await sample(metrics, name + selector)) + (await sample(metrics, `${name}_count${selector}`))
    },
  }
})

describe('Prometheus metrics', () => {
  it('tell half a millisecond from two, and ten seconds from twenty', async () => {
    const metrics = prometheusMetrics({ process: false })
    for (const seconds of [0.0004, 0.002, 8, 20]) metrics.observe('millrace_freshness_seconds', seconds)
    const buckets = ['0.0005', '0.0025', '10', '+Inf'].map((le) =>
      sample(metrics, `millrace_freshness_seconds_bucket{le="${le}"}`),
    )
    expect(await Promise.all(buckets)).toEqual([1, 2, 3, 4])
  })

  it('export every definition with its help, and the process by default', async () => {
    const { body, contentType } = await prometheusMetrics().render()
    expect(contentType).toContain('text/plain')
    expect(body).toContain('# HELP millrace_shed_total Requests refused under overload.')
    expect(body).toContain('process_resident_memory_bytes')
    expect((await prometheusMetrics({ process: false }).render()).body).not.toContain('process_')
  })

  it('count the measurements that do not fit', async () => {
    const metrics = prometheusMetrics({ process: false })
    metrics.count('millrace_shed_total', -1)
    metrics.gauge('millrace_index_size', 1)
    metrics.observe('millrace_shed_total', 1)
    expect(await sample(metrics, 'millrace_mismeasured_total{metric="millrace_shed_total"}')).toBe(2)
    expect(await sample(metrics, 'millrace_mismeasured_total{metric="millrace_index_size"}')).toBe(1)
    expect(await sample(metrics, 'millrace_shed_total')).toBe(0)
  })
})
