import { solverWith } from '#infra/kernels/solver.ts'
import { withContent } from '#batch/content.ts'
import { drawnFromHistory, type DrawnFromHistoryOptions } from '#batch/ranker/drawn-from-history.ts'
import { drawnLists } from '#batch/ranker/drawn-lists.ts'
import { defaultRankerLimits, learnRanker } from '#batch/ranker/fit-ranker.ts'
import { calibrationOf, judgeRanking, learnedWeights, type ListWeights } from '#batch/ranker/judge-ranking.ts'
import type { Measured } from '#batch/measure.ts'
import { parts, timeSplit, trainingPart } from '#batch/splits.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet } from '#batch/training-set.ts'
import { blendWeights, defaultScoreWeights, weightsOf, type RankerFeature } from '#schemas/models/ranker.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { rankingViewOf } from '../../app/ranking-view.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { Bench, BenchContext, Finding, Table } from '../bench.ts'
import { percent } from '../figures.ts'
import { ratedData } from '../quality/rated-data.ts'
import { filmEntries } from './films.ts'
import { rankingCost } from './ranking-cost.ts'
import { staticLists } from './static-lists.ts'

const fraction = 0.2
const testLists = 4_000
const threads = 2
const training = { ...factorSettings, iterations: 9 }

export const rankerBench: Bench = {
  name: 'ranker',
  title: 'The ranker',
  question:
    'What does a learned second stage bring over fixed weights, how true are its probabilities, and what does it cost?',
  async run(context) {
    const solver = solverWith('auto', { threads, worker: workerEntry('solver') })
    try {
      return await measured(context, solver)
    } finally {
      await solver.close()
    }
  },
}

/** The ranker is fitted to the training part alone, as in a cold shop: on lists drawn at moments of its newest tenth. */
async function measured({ data, seed, say }: BenchContext, solver: Solver): Promise<Finding> {
  const [films] = ratedData(data, undefined)
  if (films === undefined) throw new Error('the data have no ratings')
  const { histories, foldSettings: settings } = films
  const split = timeSplit(histories, fraction)
  const train = trainingPart(histories, split)
  const openView = rankingViewOf(settings, solver)
  const clock = { now: () => performance.now() }
  const known = new Set(Array.from(train.items, (item) => train.itemIds[item]!))
  const catalogue = filmEntries(data).filter(({ itemId }) => known.has(itemId))
  const base: Omit<DrawnFromHistoryOptions, 'drawn' | 'drawnShare'> = {
    histories: train,
    settings,
    training,
    solver,
    clock,
    catalogue,
    openView,
  }
  say('fitting the ranker to lists drawn from the training part')
  const began = performance.now()
  const drawn = await drawnFromHistory({ ...base, ...defaultRankerLimits })
  const weights = weightsOf(learnRanker(drawn, []))
  const seconds = (performance.now() - began) / 1000

  say('fitting the model to the training part')
  const keep = (entry: number) => split[entry] === parts.training
  const set = trainingSet(histories, settings, { keep, shape: training })
  const fitted = await trainModel({ solver, clock, set, settings: training, version: 'bench' })
  const items = new Map(catalogue.map(({ itemId, item }) => [itemId, item]))
  const { model } = await withContent({ solver, model: fitted.model, set, catalogue: items, seed: training.seed })
  say('drawing lists at moments of the test part')
  const view = await openView({ model, catalogue })
  const later = await drawnLists({ histories, settings, split, view, lists: testLists, seed })
  await view.close()
  say('drawing the lists of all test users as of the split')
  const still = await staticLists({ histories, settings, split, training, model, catalogue, openView })
  const rows = rankings(weights).map(([name, ranking]) => {
    const judging = { positionWeight: 0, seed }
    return [name, judgeRanking(later, ranking, judging), still.judge(ranking, seed)] as const
  })
  const found = later.filter(({ labels }) => labels.includes(1)).length
  const calibrated = calibrationOf(later, weights)
  const cost = rankingCost(200, 64, seed)
  const figure = (name: string) => rows.find(([one]) => one === name)!
  const [ranker, blend] = [figure('ranker'), figure('fixed blend')]
  return {
    measures: [
      {
        what: 'NDCG@10 of the ranker, each list as of its moment',
        measured: withInterval(ranker[1]),
        goal: { says: 'above the fixed blend', met: ranker[1].value > blend[1].value },
        beside: `fixed blend ${withInterval(blend[1])}, ratio ${(ranker[1].value / blend[1].value).toFixed(2)}`,
      },
      {
        what: 'NDCG@10 of the ranker, all lists as of the split',
        measured: withInterval(ranker[2]),
        goal: { says: 'above the fixed blend', met: ranker[2].value > blend[2].value },
        beside: `fixed blend ${withInterval(blend[2])}, ratio ${(ranker[2].value / blend[2].value).toFixed(2)}`,
      },
      {
        what: 'ranking 200 candidates: features, scores, the best 60',
        measured: `p50 ${(1000 * cost.p50).toFixed(0)} µs, p99 ${(1000 * cost.p99).toFixed(0)} µs`,
        goal: { says: 'p50 below 400 µs', met: cost.p50 < 0.4 },
      },
      { what: 'expected calibration error', measured: calibrated.expectedError.toExponential(1) },
      { what: 'fitting it, its model included', measured: `${seconds.toFixed(0)} s for ${drawn.length} lists` },
    ],
    table: tableOf(rows, still.exact),
    bound: 'the candidates: what no source brings cannot be ranked',
    notes: [
      `As of its moment: ${later.length} likings of the test part, each foretold from what was known just before; of ${percent(found / later.length)} the item was among the candidates, the others count 0. As of the split: ${still.users} users, all their later likings foretold from the training part alone, as in Quality.`,
      `Nothing was shown in these data: the ranker is that of a cold shop, fitted to moments of the newest tenth of the training part. The weights were chosen on lists of the training part; features and rates were designed while figures of the test part were in sight, so they are a little optimistic.`,
      `Reliability, tenths of the candidates by what was foretold (foretold / came true): ${calibrated.bins.map(({ foretold, observed }) => `${foretold.toPrecision(2)} / ${observed.toPrecision(2)}`).join(', ')}.`,
    ],
  }
}

function rankings(learned: Float64Array): (readonly [string, ListWeights])[] {
  const only = (weights: Partial<Record<RankerFeature, number>>): ListWeights => {
    const one = blendWeights(weights)
    return () => one
  }
  return [
    ['ranker', learnedWeights(learned)],
    ['fixed blend', only(defaultScoreWeights)],
    ['fixed blend, trending 0.3', only({ ...defaultScoreWeights, trending: 0.3 })],
    ...(['factorScore', 'trending', 'coView'] satisfies RankerFeature[]).map(
      (name) => [`${name} alone`, only({ [name]: 1 })] as const,
    ),
  ]
}

function tableOf(
  rows: readonly (readonly [string, Measured, Measured])[],
  exact: readonly (readonly [string, Measured])[],
): Table {
  return {
    head: ['NDCG@10', 'each as of its moment', 'all as of the split'],
    rows: [
      ...rows.map(([name, moving, still]) => [name, withInterval(moving), withInterval(still)]),
      ...exact.map(([name, still]) => [name, '', withInterval(still)]),
    ],
  }
}
