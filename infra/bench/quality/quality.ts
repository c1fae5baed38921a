import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { solverWith } from '#infra/kernels/solver.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { Bench, BenchContext, Measure } from '../bench.ts'
import { writeSections } from '../results-file.ts'
import { budget, contest, type Contest, type ContestOptions, type Entrant } from './contest.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { frequencyScaling } from './frequency-scaling.ts'
import { purchases } from './purchases.ts'
import { contestSection, qualityTable } from './quality-page.ts'
import { likedBooks, ratedData, type RatedData } from './rated-data.ts'

const threads = 2
const page = join(import.meta.dirname, '../../../docs/reference/quality.md')

export const qualityBench: Bench = {
  name: 'quality',
  title: 'Quality',
  question:
    'How well does the model foretell, beside baselines, EASE and `implicit`, when all that is tuned gets the same budget and is chosen on a validation part?',
  async run(context) {
    const contests = await contestsOf(context)
    writeSections(page, new Map(contests.map((one) => [one.data, contestSection(one)])))
    return {
      measures: contests.flatMap((one) => (one.shown[0] === 'ndcg@100' ? scalingMeasures(one) : goalsOf(one))),
      table: qualityTable(contests.filter(({ shown }) => shown[0] === 'ndcg@10')),
      bound:
        'what items say of each other: EASE has a weight for every pair of them; ours has factors, and a weight for each of 50 neighbours',
      notes: [
        `Each of ours and \`implicit\` had ${budget.trials} candidates with ${budget.factors.join(' or ')} factors, ${budget.iterations} iterations at most, by the same successive halving; EASE three λ. The test part decided nothing.`,
        'In brackets 95 % intervals over users, by the bootstrap. A liking is a rating with a positive weight, or a purchase that was not brought back; all unseen items are ranked. EASE knows the 10,000 most liked items.',
      ],
    }
  },
}

/**
 * What was judged before, and what is judged now: `MILLRACE_QUALITY_MINUTES` says after how many minutes no other data set
 * is begun, `MILLRACE_QUALITY_DATA` of which ones (how its name begins), and `MILLRACE_QUALITY_TRIALS` how many candidates each
 * search has. The next run goes on, within a data set too; once all are judged it begins anew.
 */
async function contestsOf({ data, seed, say }: BenchContext): Promise<Contest[]> {
  const shelf = join(import.meta.dirname, `../../../.bench/quality-${seed}-${budget.trials}`)
  const due = dataSets(data)
  const fileOf = ({ name }: RatedData) => join(shelf, name.replaceAll(/\W+/g, '-'), 'contest.json')
  if (due.every(({ data: one }) => existsSync(fileOf(one)))) rmSync(shelf, { recursive: true })
  const wanted = process.env['MILLRACE_QUALITY_DATA'] ?? ''
  const minutes = Number(process.env['MILLRACE_QUALITY_MINUTES'] ?? Infinity)
  const began = performance.now()
  const solver = solverWith('auto', { threads, worker: workerEntry('solver') })
  const contests: Contest[] = []
  try {
    for (const { data: one, judge } of due) {
      const file = fileOf(one)
      if (!existsSync(file)) {
        if (!one.name.startsWith(wanted) || performance.now() - began > minutes * 60_000) continue
        const folder = join(file, '..')
        mkdirSync(folder, { recursive: true })
        writeFileSync(file, JSON.stringify(await judge({ data: one, seed, solver, threads, folder, say })))
      }
      contests.push(JSON.parse(readFileSync(file, 'utf8')))
    }
  } finally {
    await solver.close()
  }
  return contests
}

interface DataSet {
  readonly data: RatedData
  readonly judge: (options: ContestOptions) => Promise<Contest>
}

function dataSets(movies: BenchContext['data']): DataSet[] {
  const folder = process.env['MILLRACE_DATASETS']
  const [shop, books] = [purchases(folder), likedBooks(folder)]
  return [
    ...ratedData(movies, folder).map((data) => ({ data, judge: contest })),
    ...(shop === undefined ? [] : [{ data: shop, judge: contest }]),
    ...(books === undefined ? [] : [{ data: books, judge: frequencyScaling }]),
  ]
}

function scalingMeasures({ data, entrants }: Contest): Measure[] {
  const [scaled, plain] = ['iALS, frequency-scaled (ν = 1)', 'iALS, not scaled (ν = 0)'].map((name) =>
    named(entrants, name),
  )
  const ease = named(entrants, 'EASE')
  const [a, b, e] = [scaled!, plain!, ease].map(({ metrics }) => metrics['ndcg@100'])
  return [
    {
      what: `${data}: NDCG@100 of iALS with frequency-scaled regularisation`,
      measured: withInterval(a),
      beside: `not scaled ${withInterval(b)}, ratio ${(a!.value / b!.value).toFixed(2)}; EASE ${withInterval(e)}, ratio ${(a!.value / e!.value).toFixed(2)}`,
    },
  ]
}

function goalsOf({ data, entrants }: Contest): Measure[] {
  const ours = named(entrants, 'ours, tuned')
  return ['implicit 0.7.3, tuned', 'EASE'].map((peer) => {
    const theirs = named(entrants, peer)
    const [our, their] = [ours, theirs].map(({ metrics }) => metrics['ndcg@10']!.value)
    return {
      what: `${data}: NDCG@10 of ours, tuned`,
      measured: withInterval(ours.metrics['ndcg@10']),
      goal: { says: `above ${peer}`, met: our! > their! },
      beside: `${peer} ${withInterval(theirs.metrics['ndcg@10'])}, ratio ${(our! / their!).toFixed(2)}`,
    }
  })
}

function named(entrants: readonly Entrant[], name: string): Entrant {
  const found = entrants.find((entrant) => entrant.name === name)
  if (found === undefined) throw new Error(`${name} did not take part`)
  return found
}
