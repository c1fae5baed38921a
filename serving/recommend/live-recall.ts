import type { Metrics } from '#schemas/ports/metrics.ts'
import type { Neighbours, VectorIndex } from '#schemas/ports/vector-index.ts'

/** Searches that measure themselves: the first and every n-th after it is repeated exactly, after the answer has gone. */
export interface MeasuredSearch {
  search(index: VectorIndex, query: Float32Array, k: number): Neighbours
}

const compared = 20
/** How much one sample moves the gauge. */
const share = 0.05
/** Asking for more than this a full scan is as fast, and exact. */
const exactFrom = 1_000

export function measuredSearch(options: {
  readonly every: number
  readonly metrics: Metrics
  /** Runs a task once the answer under way has gone. */
  readonly later: (task: () => void) => void
  readonly report: (error: unknown, doing: string) => void
}): MeasuredSearch {
  const { every, metrics, later, report } = options
  let searches = 0
  let recall: number | undefined

  function measure(index: VectorIndex, query: Float32Array, found: ReadonlySet<number>): void {
    try {
      const exact = index.searchExact(query, compared).slots
      if (exact.length === 0) return
      const sample = exact.filter((slot) => found.has(slot)).length / exact.length
      recall = recall === undefined ? sample : recall + share * (sample - recall)
      metrics.gauge('millrace_index_recall', recall)
    } catch (error) {
      // The index may have been retired since.
      report(error, 'measuring recall')
    }
  }

  return {
    search(index, query, k) {
      if (k > exactFrom) return index.searchExact(query, k)
      const found = index.search(query, k)
      if (searches++ % every === 0) {
        const slots = new Set(found.slots.subarray(0, compared))
        later(() => measure(index, query, slots))
      }
      return found
    },
  }
}
