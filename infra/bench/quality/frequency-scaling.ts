import { evaluationSetOf } from '#batch/evaluate.ts'
import { sampled } from '#batch/holdout.ts'
import { measureLists } from '#batch/measure.ts'
import { popularityScorer, rankerOf } from '#batch/rankers.ts'
import { rankTests } from '#batch/rankings.ts'
import { roundsOf } from '#batch/tuning/successive-halving.ts'
import { restOf, searchSettings, validationSplit } from '#batch/tuning/tune.ts'
import type { Ranking } from '#schemas/math/ranking-metrics.ts'
import {
  budget,
  rankedByModel,
  shownSettings,
  tuningOf,
  users,
  type Contest,
  type ContestOptions,
  type Entrant,
} from './contest.ts'
import { peerRankings } from './peers.ts'

const at = [20, 50, 100]
const factors = [128, 256]

/** Of the readers, and of what each of those is to be foretold: a fifth of both. */
const share = 0.2

/** λ of a user grows with ν: 1 is what the paper proposes, 0 the regularisation of before, the same for everybody. */
const scalings = { 'iALS, frequency-scaled (ν = 1)': 1, 'iALS, not scaled (ν = 0)': 0 }

/**
 * The finding of Rendle, Krichene, Zhang, Koren 2021 ("Revisiting the performance of iALS on item recommendation
 * benchmarks") by its protocol: users held out whole, each liking counts 1, λ and α0 tuned together, with frequency-scaled
 * regularisation and without, beside EASE.
 */
export async function frequencyScaling(options: ContestOptions): Promise<Contest> {
  const { data, seed, threads, folder, solver, say } = options
  const { histories, foldSettings, protocol } = data
  const shape = { weightExponent: 0, halfLifeDays: 0 }
  const search = (name: string, nu: number) =>
    tuningOf(options, name, {
      share,
      base: { ...shape, nu, factors: factors[0]!, alpha0: 0.1, lambda: nu === 0 ? 10 : 0.003 },
      space: { factors, nu: [nu], weightExponent: [0], halfLifeDays: [0], neighbourShare: [0] },
    })
  const split = { protocol, fraction: share, seed }
  const set = sampled(evaluationSetOf(histories, foldSettings, split, { ...shape }), users.test)
  const entrants: Entrant[] = []
  const enter = (name: string, how: string, rankings: readonly Ranking[]) => {
    const metrics = measureLists({ ...set, rankings }, { at, seed })
    say(`${data.name}: ${name}: NDCG@100 ${metrics['ndcg@100']!.value.toFixed(4)}`)
    entrants.push({ name, metrics, set: how })
  }

  enter('popularity', '', await rankTests(set, rankerOf(popularityScorer(set.train)), at))
  say(`${data.name}: tuning EASE`)
  const rest = restOf(search('any', 1))
  const { ease } = await peerRankings(folder, {
    peers: ['ease'],
    validation: sampled(evaluationSetOf(rest, foldSettings, validationSplit(split), shape), users.validation),
    test: set,
    rounds: roundsOf(budget.trials, budget.iterations),
    factors,
    easeItems: 10_000,
    easeLambdas: [20, 100, 500],
    length: Math.max(...at),
    seed,
    threads,
  })
  enter('EASE', JSON.stringify(ease.settings), ease.rankings)
  for (const [name, nu] of Object.entries(scalings)) {
    const { settings } = await searchSettings({
      ...search(`nu-${nu}`, nu),
      onProgress: ({ done, of, best }) =>
        say(`${data.name}: ν = ${nu}: trial ${done} of ${of}, best ${best.toFixed(4)}`),
    })
    enter(name, shownSettings(settings), await rankedByModel(solver, set, settings, at))
  }
  const interactions = set.train.byUser.indices.length
  const shown = ['ndcg@100', 'recall@20', 'recall@50']
  return { data: data.name, protocol, users: set.tests.length, interactions, entrants, shown }
}
