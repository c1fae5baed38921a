import type { Clock } from '#schemas/ports/clock.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { IndexSize, VectorIndex } from '#schemas/ports/vector-index.ts'
import type { ServedModel } from './served-model.ts'

const everyMs = 5_000

/** Measures the model served and, when too much of an index lies outside its base, builds the base anew. */
export async function keepUp(options: {
  readonly served: () => ServedModel | undefined
  /** Indexes beside that of the model. */
  readonly others: () => readonly VectorIndex[]
  readonly clock: Clock
  readonly metrics: Metrics
  readonly report: (error: unknown, doing: string) => void
  readonly signal: AbortSignal
}): Promise<void> {
  const { served, others, clock, metrics, report, signal } = options
  while (!signal.aborted) {
    const model = served()
    if (model !== undefined) {
      const size = model.index.size()
      metrics.gauge('millrace_model_age_seconds', Math.max(0, clock.now() - model.createdAt) / 1000)
      metrics.gauge('millrace_index_size', size.base, { part: 'base' })
      metrics.gauge('millrace_index_size', size.overlay, { part: 'overlay' })
      metrics.gauge('millrace_index_size', size.masked, { part: 'masked' })
      try {
        if (isWorn(size)) await model.index.rebuild()
      } catch (error) {
        // A model retired meanwhile has closed its index; any other is tried again.
        if (served() === model) report(error, 'rebuilding the index')
      }
    }
    for (const index of others()) {
      try {
        if (isWorn(index.size())) await index.rebuild()
      } catch (error) {
        report(error, 'rebuilding an index of embeddings')
      }
    }
    await clock.sleep(everyMs, signal)
  }
}

/** The overlay is scanned in full by every search, and masked vectors are found in vain. */
export function isWorn({ base, overlay, masked }: IndexSize): boolean {
  return overlay + masked > Math.max(1_000, base / 10)
}
