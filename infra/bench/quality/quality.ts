import { join } from 'node:path'
import { solverWith } from '#infra/kernels/solver.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { Bench, Measure } from '../bench.ts'
import { writeSections } from '../results-file.ts'
import { budget, contest, type Contest, type Entrant } from './contest.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { contestSection, qualityTable } from './quality-page.ts'
import { ratedData } from './rated-data.ts'

const threads = 2
const page = join(import.meta.dirname, '../../../docs/reference/quality.md')

export const qualityBench: Bench = {
  name: 'quality',
  title: 'Quality',
  question:
    'How well does the model foretell, beside baselines, EASE and `implicit`, when all that is tuned gets the same budget and is chosen on a validation part?',
  async run({ data, seed, say, folder }) {
    const solver = solverWith('auto', { threads, worker: workerEntry('solver') })
    const contests: Contest[] = []
    try {
      for (const one of ratedData(data, process.env['MILLRACE_DATASETS'])) {
        contests.push(await contest({ data: one, seed, solver, threads, folder: folder(), say }))
      }
    } finally {
      await solver.close()
    }
    writeSections(page, new Map(contests.map((one) => [one.data, contestSection(one)])))
    return {
      measures: contests.flatMap(goalsOf),
      table: qualityTable(contests),
      bound: 'the number of factors: EASE has a weight for every pair of items, which factors can only come near to',
      notes: [
        `Each of ours and \`implicit\` had ${budget.trials} candidates with ${budget.factors.join(' or ')} factors, ${budget.iterations} iterations at most, by the same successive halving; EASE three λ. The test part decided nothing.`,
        'In brackets 95 % intervals over users, by the bootstrap. A liking is a rating with a positive weight; all unseen items are ranked. EASE knows the 10,000 most liked items.',
      ],
    }
  },
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
