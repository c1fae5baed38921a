import { evaluationSet } from '#batch/evaluation-set.ts'
import { sampled } from '#batch/holdout.ts'
import type { Histories } from '#batch/histories.ts'
import { measureAccuracy, type Measured } from '#batch/measure.ts'
import { rankerOf } from '#batch/rankers.ts'
import { rankTests } from '#batch/rankings.ts'
import type { ListWeights } from '#batch/ranker/judge-ranking.ts'
import { eventOf, timelineOf } from '#batch/ranker/timeline.ts'
import { parts, type Split } from '#batch/splits.ts'
import { trendingScorer } from '#batch/trending.ts'
import { topK } from '#schemas/math/top-k.ts'
import type { Model } from '#schemas/models/model.ts'
import type { FitSettings } from '#schemas/models/training-settings.ts'
import { featureCount } from '#schemas/models/ranker.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { OpenRankingView } from '#schemas/ports/ranking-view.ts'
import type { FoldSettings } from '#schemas/settings.ts'

const mostUsers = 5_000
const at = [10]

/** What serving would have chosen from for each test user at the moment of the split, told the training part alone. */
export async function staticLists(options: {
  readonly histories: Histories
  readonly settings: FoldSettings
  readonly split: Split
  readonly training: FitSettings
  readonly model: Model
  readonly catalogue: readonly CatalogueEntry[]
  readonly openView: OpenRankingView
}) {
  const { histories, settings, split, training, model, catalogue, openView } = options
  const set = sampled(evaluationSet(histories, settings, split, training), mostUsers)
  const view = await openView({ model, catalogue })
  const { entries, users } = timelineOf(histories)
  let last = 0
  for (const [offset, entry] of entries.entries()) {
    if (split[entry] !== parts.training) continue
    view.apply(...eventOf(histories, entry, users[entry]!, offset))
    last = histories.times[entry]!
  }
  const columns = new Map(set.train.itemIds.map((itemId, column) => [itemId, column]))
  const lists = set.tests.map(({ userId }) => {
    const seen = view.candidates(userId, last)
    const count = seen?.count ?? 0
    return {
      known: seen?.known ?? 0,
      features: seen?.features.slice() ?? new Float64Array(0),
      columns: Int32Array.from({ length: count }, (_, row) => columns.get(seen!.itemId(row)) ?? -1),
    }
  })
  await view.close()
  const measure = (rankings: readonly Uint32Array[], seed: number): Measured =>
    measureAccuracy({ tests: set.tests, rankings }, { at, seed }, ['ndcg'])['ndcg@10']!
  const trending = trendingScorer(histories, split, set.train, settings.slowHalfLifeMs)

  return {
    users: set.tests.length,
    /** Over every item, not candidates alone. */
    exact: [['trending of all items', measure(await rankTests(set, rankerOf(trending), at), training.seed)]] as const,
    judge: (weights: ListWeights, seed: number) =>
      measure(
        lists.map((list) => bestOf(list, weights(list.known))),
        seed,
      ),
  }
}

function bestOf(
  { features, columns }: { readonly features: Float64Array; readonly columns: Int32Array },
  weights: Float64Array,
): Uint32Array {
  const scores = Float32Array.from(columns, (column, row) => {
    let sum = 0
    for (let j = 0; j < featureCount; j++) sum += weights[j]! * features[row * featureCount + j]!
    return column === -1 ? NaN : sum
  })
  return Uint32Array.from(topK(scores, scores.length, at[0]!), (row) => columns[row]!)
}
