import type { MetricName } from '#schemas/metrics.ts'
import type { Labels, Metrics } from '#schemas/ports/metrics.ts'

/** Metrics that can be asked what they were told. Labels given to a question select; without, all series are summed. */
export interface MemoryMetrics extends Metrics {
  /** Sum of a counter, or of the newest values of a gauge; 0 where nothing was told. */
  value(name: MetricName, labels?: Labels): number
  /** Seconds observed, in order. */
  observations(name: MetricName, labels?: Labels): readonly number[]
}

interface Series {
  readonly name: MetricName
  readonly labels: Labels
  value: number
  readonly observations: number[]
}

export function memoryMetrics(): MemoryMetrics {
  const all = new Map<string, Series>()

  function series(name: MetricName, labels: Labels): Series {
    const key = JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
    const known = all.get(key)
    if (known !== undefined) return known
    const made: Series = { name, labels, value: 0, observations: [] }
    all.set(key, made)
    return made
  }

  function selected(name: MetricName, labels: Labels): Series[] {
    const wanted = Object.entries(labels)
    return [...all.values()].filter(
      (candidate) => candidate.name === name && wanted.every(([label, value]) => candidate.labels[label] === value),
    )
  }

  return {
    count(name, by = 1, labels = {}) {
      series(name, labels).value += by
    },
    gauge(name, value, labels = {}) {
      series(name, labels).value = value
    },
    observe(name, seconds, labels = {}) {
      series(name, labels).observations.push(seconds)
    },
    value: (name, labels = {}) => selected(name, labels).reduce((sum, { value }) => sum + value, 0),
    observations: (name, labels = {}) => selected(name, labels).flatMap(({ observations }) => observations),
  }
}
