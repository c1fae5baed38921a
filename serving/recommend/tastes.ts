import type { Metrics } from '#schemas/ports/metrics.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { KnownUser } from './known-user.ts'
import { tasteOf, type Taste } from './taste.ts'

/** User vectors, kept while their model is served and their row does not change. */
export interface Tastes {
  /** `userId`: undefined where the taste is not to be kept. */
  of(userId: string | undefined, user: KnownUser, model: ServedModel | undefined, encoded?: Float32Array): Taste
}

export function tasteCache(options: {
  /** 0: every taste is computed. */
  readonly capacity: number
  readonly items: Items
  readonly settings: FoldSettings
  readonly solver: Pick<Solver, 'foldIn'>
  readonly metrics: Metrics
}): Tastes {
  const { capacity, items, settings, solver, metrics } = options
  const kept = new Map<
    string,
    { readonly model: ServedModel | undefined; readonly offset: number; readonly taste: Taste }
  >()

  function compute(user: KnownUser, model: ServedModel | undefined, isKept: boolean, encoded?: Float32Array): Taste {
    const taste = tasteOf({ history: user.history, isKept, model, items, settings, solver, encoded })
    if (taste.folded !== undefined) metrics.count('millrace_fold_ins_total')
    return taste
  }

  return {
    of(userId, user, model, encoded) {
      const offset = user.position?.offset
      if (capacity === 0 || userId === undefined || offset === undefined) return compute(user, model, false, encoded)
      const known = kept.get(userId)
      kept.delete(userId)
      const isValid = known !== undefined && known.model === model && known.offset === offset
      metrics.count(isValid ? 'millrace_cache_hits_total' : 'millrace_cache_misses_total', 1, { cache: 'user-vectors' })
      const taste = isValid ? known.taste : compute(user, model, true, encoded)
      kept.set(userId, { model, offset, taste })
      const oldest = kept.keys().next()
      if (kept.size > capacity && oldest.done !== true) kept.delete(oldest.value)
      return taste
    },
  }
}
