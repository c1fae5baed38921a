import type { Table } from '../bench.ts'
import { withInterval } from '../../app/cli/interval.ts'
import { markdownTable } from '../../app/reference/tables.ts'
import { whole } from '../figures.ts'
import type { Contest } from './contest.ts'

/** NDCG@10 of all models on all data, for the results of the benches. */
export function qualityTable(contests: readonly Contest[]): Table {
  const names = new Set(contests.flatMap(({ entrants }) => entrants.map(({ name }) => name)))
  return {
    head: ['NDCG@10', ...contests.map(({ data, protocol }) => `${data}, ${protocol}`)],
    rows: Array.from(names, (name) => [
      name,
      ...contests.map(({ entrants }) => withInterval(entrants.find((one) => one.name === name)?.metrics['ndcg@10'])),
    ]),
  }
}

/** One data set with every metric, for the reference. */
export function contestSection({ data, protocol, users, interactions, entrants, shown }: Contest): string {
  const rows = entrants.map(({ name, metrics }) => [name, ...shown.map((metric) => withInterval(metrics[metric]))])
  const settings = entrants.filter(({ set }) => set !== '').map(({ name, set }) => `- ${name}: \`${set}\``)
  return [
    `## ${data}`,
    '',
    `By \`${protocol}\`, ${whole(interactions)} interactions to learn from, ${whole(users)} users judged.`,
    '',
    markdownTable(['', ...shown.map((metric) => `\`${metric}\``)], rows),
    ...settings,
  ].join('\n')
}
