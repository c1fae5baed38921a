import { join } from 'node:path'
import { solverWith } from '#infra/kernels/solver.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { markdownTable } from '../../app/reference/tables.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { Bench, Measure } from '../bench.ts'
import { milliseconds, short, whole } from '../figures.ts'
import { percentiles } from '../percentiles.ts'
import { ratedData } from '../quality/rated-data.ts'
import { writeSections } from '../results-file.ts'
import { byCountry } from './by-country.ts'
import { books, films } from './described-items.ts'
import { firstSeen } from './first-seen.ts'
import { listLength, type Judged } from './judged.ts'
import { newItems, type NewItems } from './new-items.ts'
import { newUsers } from './new-users.ts'

const threads = 2
const goalMs = 100
const page = join(import.meta.dirname, '../../../docs/reference/quality.md')

export const coldstartBench: Bench = {
  name: 'coldstart',
  title: 'Cold start',
  question:
    'How well are items foretold that nobody has met, and the taste of people of whom little or nothing is known; and how soon is a new item in lists?',
  async run(context) {
    const { data, seed, say } = context
    const folder = process.env['MILLRACE_DATASETS']
    const solver = solverWith('auto', { threads, worker: workerEntry('solver') })
    const items: { readonly name: string; readonly found: NewItems }[] = []
    const judged: Judged[] = []
    try {
      for (const one of ratedData(data, folder)) {
        const described = one.name === 'goodbooks-10k' ? books(folder ?? '') : films(data)
        if (described === undefined) continue
        say(`${one.name}: new items`)
        const found = await newItems({ data: one, described, solver, seed })
        items.push({ name: one.name, found })
        judged.push(...found.judged)
        say(`${one.name}: new users`)
        judged.push(...(await newUsers({ data: one, solver, seed })))
      }
      say('customers by country')
      judged.push(...((await byCountry({ folder: folder ?? '', solver, seed })) ?? []))
    } finally {
      await solver.close()
    }
    say('new items on a server')
    const seen = await firstSeen(context)
    const head = ['of whom, of what', 'ranked by', `recall@${listLength}`, 'NDCG@10']
    const rows = judged.map(({ question, rankedBy, recall, ndcg }) => [
      question,
      rankedBy,
      withInterval(recall),
      withInterval(ndcg),
    ])
    writeSections(page, new Map([['cold start', `## Cold start\n\n${markdownTable(head, rows)}`]]))
    return {
      measures: [
        ...items.flatMap(goalsOf),
        freshness('similar items of one that is described alike', seen.similar),
        freshness('recommendations of a guest who liked one that is described alike', seen.recommended),
      ],
      table: { head, rows },
      bound:
        'what items say of themselves: of films a title and two genres on average, of books a hundred shelves; and the item factors, which are all that the regression can tell',
      notes: [
        'A fifth of the items, or of the users, is withheld with all that belongs to it; everything is learnt from the rest. New items are ranked among new items only. In brackets 95 % intervals over users, by the bootstrap.',
        `Content was weighed and smoothed as foretold a tenth of the remaining items best: ${items.map(({ name, found: { fitted, fitSeconds } }) => `${name}: ${whole(fitted.items)} items, ${whole(fitted.terms)} terms, exponent of IDF ${fitted.termExponent}, λ ${fitted.lambda}, ${short(fitSeconds)} s with the choice`).join('; ')}.`,
        'goodbooks-10k has no times: its events are in the order of the file, and nothing trends. Its books have no categories; the shelves they stand on are taken for such.',
      ],
    }
  },
}

function goalsOf({ name, found: { judged } }: { readonly name: string; readonly found: NewItems }): Measure[] {
  const [ours, ...others] = [
    'ours: content vector',
    'random',
    'popularity of its categories, sum',
    'popularity of its categories, mean',
  ].map((by) => judged.find(({ rankedBy }) => rankedBy === by)!)
  return others.map((other) => ({
    what: `${name}: recall@${listLength} of new items`,
    measured: withInterval(ours!.recall),
    goal: { says: `above ${other.rankedBy}`, met: ours!.recall.low > other.recall.high },
    beside: `${withInterval(other.recall)}, ratio ${(ours!.recall.value / other.recall.value).toFixed(2)}`,
  }))
}

function freshness(where: string, times: readonly number[]): Measure {
  const found = percentiles(times)
  return {
    what: `202 of a new item to ${where} (${times.length} items)`,
    measured: milliseconds(found),
    goal: { says: `p99 < ${goalMs} ms`, met: found.p99 < goalMs },
  }
}
