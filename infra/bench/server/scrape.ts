import type { MetricName } from '#schemas/metrics.ts'

/** The samples of one look at `/metrics`. */
export interface Scrape {
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads Prometheus's text format. */
export function parseScrape(text: string): Scrape {
  const lines = text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})? (\S+)$/gm)
  return {
    samples: Array.from(lines, ([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), (pair) => [pair[1] ?? '', pair[2] ?? '']),
      ),
      value: Number(value),
    })),
  }
}

/** Sum over all samples of a name that have these labels. */
export function total(
  scrape: Scrape,
  name: MetricName | `process_${string}` | `nodejs_${string}`,
  labels: Sample['labels'] = {},
): number {
  return sumOf(scrape, name, labels)
}

/** What a histogram saw between two scrapes: its mean and upper bounds of its percentiles, seconds. */
export interface HistogramSummary {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

export function histogramBetween(
  before: Scrape,
  after: Scrape,
  name: MetricName,
  labels: Sample['labels'] = {},
): HistogramSummary {
  const grown = (sample: string, more: Sample['labels'] = {}) =>
    sumOf(after, sample, { ...labels, ...more }) - sumOf(before, sample, { ...labels, ...more })
  const count = grown(`${name}_count`)
  const bounds = new Set(
    after.samples.filter((sample) => sample.name === `${name}_bucket`).map(({ labels: { le } }) => le ?? ''),
  )
  const buckets = Array.from(bounds, (le) => ({
    bound: le === '+Inf' ? Infinity : Number(le),
    below: grown(`${name}_bucket`, { le }),
  }))
  buckets.sort((a, b) => a.bound - b.bound)
  return {
    count,
    mean: grown(`${name}_sum`) / count,
    p50: withinBucket(buckets, 0.5 * count),
    p99: withinBucket(buckets, 0.99 * count),
  }
}

/** As Prometheus does: linear within the bucket that holds the rank. */
function withinBucket(buckets: readonly { readonly bound: number; readonly below: number }[], rank: number): number {
  let [bound, below] = [0, 0]
  for (const bucket of buckets) {
    if (bucket.below >= rank && bucket.below > below) {
      return bucket.bound === Infinity
        ? bound
        : bound + ((bucket.bound - bound) * (rank - below)) / (bucket.below - below)
    }
    ;[bound, below] = [bucket.bound, bucket.below]
  }
  return Number.NaN
}

function sumOf({ samples }: Scrape, name: string, labels: Sample['labels']): number {
  const wanted = Object.entries(labels)
  return samples.reduce((sum, sample) => {
    const isMeant = sample.name === name && wanted.every(([label, value]) => sample.labels[label] === value)
    return isMeant ? sum + sample.value : sum
  }, 0)
}
