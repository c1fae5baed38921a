import { evaluationSetOf } from '#batch/evaluate.ts'
import type { EvaluationSet } from '#batch/evaluation-set.ts'
import { sampled } from '#batch/holdout.ts'
import { measureAccuracy, type RankingMetrics } from '#batch/measure.ts'
import { modelScorer, rankerOf } from '#batch/rankers.ts'
import { rankTests } from '#batch/rankings.ts'
import { parts, splitHistories, trainingPart, type SplitOptions } from '#batch/splits.ts'
import { trainModel } from '#batch/train.ts'
import { userPreferences } from '#batch/training-set.ts'
import { solverWith } from '#infra/kernels/solver.ts'
import { bootstrapMeans, meanOf } from '#schemas/math/intervals.ts'
import { ndcgAt } from '#schemas/math/ranking-metrics.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { Bench, Measure } from '../bench.ts'
import { percent, whole } from '../figures.ts'
import { ratedData, type RatedData } from '../quality/rated-data.ts'
import { weighedDislikes } from './weighed-dislikes.ts'

const factors = [0, 0.25, 1, 4]
const users = { validation: 2_000, test: 5_000 } as const
const settings = { ...factorSettings, iterations: 9 }
const fraction = 0.2
const at = [10]

export const dislikesBench: Bench = {
  name: 'dislikes',
  title: 'Dislikes',
  question: 'Does it help to be told what users dislike, as p = 0 with a confidence of its own?',
  async run({ data, seed, say }) {
    const solver = solverWith('auto', { threads: 2, worker: workerEntry('solver') })
    try {
      const found = []
      for (const one of ratedData(data, process.env['MILLRACE_DATASETS']))
        found.push(await measured(one, solver, seed, say))
      return {
        measures: found.map(({ measure }) => measure),
        table: {
          head: [
            'data',
            'confidence of a dislike',
            'NDCG@10, validation part',
            'NDCG@10, test part',
            'disliked later among the first ten',
          ],
          rows: found.flatMap(({ rows }) => rows),
        },
        bound: 'what raters rate: they hardly rate what they would dislike, so there is little to learn from',
        notes: [
          'A dislike is a rating of negative weight: 1 or 2 of 5, up to 3 of 10. Times 0 it is not told; it is never recommended either way. Times 1 is what is served.',
          'Chosen on the validation part; the interval of a difference is of pairs of lists, by the bootstrap over users. The last column counts places of the first ten that hold what the user came to dislike in the test part.',
        ],
      }
    } finally {
      await solver.close()
    }
  },
}

async function measured(data: RatedData, solver: Solver, seed: number, say: (line: string) => void) {
  const { histories, foldSettings, protocol, name } = data
  const split = { protocol, fraction, seed }
  const test = sampled(evaluationSetOf(histories, foldSettings, split, settings), users.test)
  const rest = trainingPart(histories, splitHistories(histories, split))
  const validation = sampled(evaluationSetOf(rest, foldSettings, split, settings), users.validation)
  const disliked = dislikedLater(data, split, test)
  const results: {
    factor: number
    valid: RankingMetrics
    test: RankingMetrics
    values: Float64Array
    unwanted: number
  }[] = []
  for (const factor of factors) {
    say(`${name}: dislikes times ${factor}`)
    const valid = weighedDislikes(validation, factor)
    const set = weighedDislikes(test, factor)
    const rankings = await ranked(solver, set)
    results.push({
      factor,
      valid: accuracy(valid, await ranked(solver, valid), seed),
      test: accuracy(set, rankings, seed),
      values: Float64Array.from(rankings, (ranking, user) =>
        ndcgAt(ranking, new Set(set.tests[user]!.relevant), at[0]!),
      ),
      unwanted: meanOf(rankings.map((ranking, user) => ranking.filter((column) => disliked[user]!.has(column)).length)),
    })
  }
  const [without, served] = [0, 1].map((factor) => results.find((one) => one.factor === factor)!)
  const difference = served!.values.map((value, user) => value - without!.values[user]!)
  const interval = bootstrapMeans([difference], seed)[0]!
  const best = results.reduce((a, b) => (ndcg(b.valid) > ndcg(a.valid) ? b : a))
  const share =
    test.train.byUser.values.reduce((count, value) => count + (value < 0 ? 1 : 0), 0) / test.train.byUser.values.length
  const measure: Measure = {
    what: `${name}: NDCG@10 with dislikes less that without`,
    measured: withInterval({ value: meanOf(difference), ...interval }),
    beside: `best on the validation part: times ${best.factor}; ${percent(share)} of ${whole(test.train.byUser.values.length)} pairs are dislikes`,
  }
  const rows = results.map((one) => [
    name,
    one.factor === 0 ? 'not told' : `× ${one.factor}`,
    withInterval(one.valid['ndcg@10']),
    withInterval(one.test['ndcg@10']),
    one.unwanted.toFixed(4),
  ])
  return { measure, rows }
}

/** Columns that each test user came to dislike in the held-out part. */
function dislikedLater(
  { histories, foldSettings }: RatedData,
  split: SplitOptions,
  { tests, train }: EvaluationSet,
): Set<number>[] {
  const partOf = splitHistories(histories, split)
  const later = userPreferences(histories, foldSettings, { keep: (entry) => partOf[entry] === parts.heldOut })
  const byUser = new Map(later.map((one) => [histories.userIds[one.user]!, one]))
  return tests.map(({ userId }) => {
    const { items, weights } = byUser.get(userId) ?? { items: new Uint32Array(0), weights: new Float64Array(0) }
    return new Set(
      Array.from(
        items.filter((_, i) => weights[i]! < 0),
        (item) => train.columnOfItem[item]!,
      ),
    )
  })
}

async function ranked(solver: Solver, set: EvaluationSet): Promise<Uint32Array[]> {
  const clock = { now: () => performance.now() }
  const { model } = await trainModel({ solver, clock, set: set.train, settings, version: 'dislikes' })
  return rankTests(set, rankerOf(modelScorer(solver, model, set.train)), at)
}

function accuracy(set: EvaluationSet, rankings: readonly Uint32Array[], seed: number): RankingMetrics {
  return measureAccuracy({ tests: set.tests, rankings }, { at, seed }, ['ndcg'])
}

function ndcg(metrics: RankingMetrics): number {
  return metrics['ndcg@10']!.value
}
