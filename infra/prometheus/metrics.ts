import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { metricDefinitions, type MetricDefinition, type MetricName, type MetricType } from '#schemas/metrics.ts'
import type { Labels, Metrics } from '#schemas/ports/metrics.ts'

export interface PrometheusMetrics extends Metrics {
  /** All metrics in Prometheus's text format. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

export interface PrometheusMetricsOptions {
  /** Export memory, CPU, event loop and garbage collection of this process too. Default true. */
  readonly process?: boolean
}

/** Upper bounds in seconds, from 0.1 ms to 10 s. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * Metrics for a Prometheus server to scrape. A measurement that does not fit its definition is not recorded: it is counted in
 * `millrace_mismeasured_total`, so that no measurement can fail the work it measures.
 */
export function prometheusMetrics(options: PrometheusMetricsOptions = {}): PrometheusMetrics {
  const registry = new Registry()
  if (options.process !== false) collectDefaultMetrics({ register: registry })
  const counters = new Map<MetricName, Counter>()
  const gauges = new Map<MetricName, Gauge>()
  const histograms = new Map<MetricName, Histogram>()
  for (const [name, { type, help, labels }] of definitions) {
    const config = { name, help, labelNames: labels, registers: [registry] }
    switch (type) {
      case 'counter':
        counters.set(name, new Counter(config))
        break
      case 'gauge':
        gauges.set(name, new Gauge(config))
        break
      case 'histogram':
        histograms.set(name, new Histogram({ ...config, buckets }))
    }
  }
  const mismeasured = new Counter({
    name: 'millrace_mismeasured_total',
    help: 'Measurements that did not fit the definition of their metric.',
    labelNames: ['metric'],
    registers: [registry],
  })

  function fits(name: MetricName, type: MetricType, value: number, labels: Labels): boolean {
    const isFit =
      isDefined(metricDefinitions[name], type, labels) && Number.isFinite(value) && (type !== 'counter' || value >= 0)
    if (!isFit) mismeasured.inc({ metric: name })
    return isFit
  }

  return {
    count(name, by = 1, labels = {}) {
      if (fits(name, 'counter', by, labels)) counters.get(name)?.inc(labels, by)
    },
    gauge(name, value, labels = {}) {
      if (fits(name, 'gauge', value, labels)) gauges.get(name)?.set(labels, value)
    },
    observe(name, seconds, labels = {}) {
      if (fits(name, 'histogram', seconds, labels)) histograms.get(name)?.observe(labels, seconds)
    },
    async render() {
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

const definitions = Object.entries(metricDefinitions) as readonly [MetricName, MetricDefinition][]

function isDefined(definition: MetricDefinition, type: MetricType, labels: Labels): boolean {
  const given = Object.keys(labels)
  return (
    definition.type === type &&
    given.length === definition.labels.length &&
    given.every((label) => definition.labels.includes(label))
  )
}
