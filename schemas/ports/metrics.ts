import type { MetricName } from '../metrics.ts'

export type Labels = Readonly<Record<string, string>>

/** Where measurements go. Never throws, never waits. */
export interface Metrics {
  count(name: MetricName, by?: number, labels?: Labels): void
  gauge(name: MetricName, value: number, labels?: Labels): void
  /** Seconds. */
  observe(name: MetricName, seconds: number, labels?: Labels): void
}

/** Measurements of a part that nobody watches. */
export const noMetrics: Metrics = { count() {}, gauge() {}, observe() {} }
