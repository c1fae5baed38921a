import type { Item } from '../events/catalogue.ts'
import { contentTerms, termBucket, termBuckets } from './content-features.ts'

/** Counts in how many items each term stands, fed item by item. */
export interface TermCounts {
  add(item: Item): void
  /**
   * The weight of each term bucket: ln(1 + (n + 1) / (df + 1))^exponent for a bucket that df of n items have a term in, its
   * inverse document frequency (Spärck Jones 1972); 0 below `fewest` items, of which a regression learns only noise.
   */
  weights(options: { readonly exponent: number; readonly fewest: number }): Float32Array
  /** Buckets that so many items or more have a term in. */
  distinct(fewest: number): number
}

export function termCounts(): TermCounts {
  const counts = new Uint32Array(termBuckets)
  let items = 0

  return {
    add(item) {
      items++
      const buckets = new Set<number>()
      for (const terms of contentTerms(item).values()) for (const term of terms) buckets.add(termBucket(term))
      for (const bucket of buckets) counts[bucket]!++
    },
    weights: ({ exponent, fewest }) =>
      Float32Array.from(counts, (count) => (count < fewest ? 0 : Math.log(1 + (items + 1) / (count + 1)) ** exponent)),
    distinct: (fewest) => counts.reduce((sum, count) => sum + (count >= fewest ? 1 : 0), 0),
  }
}
