import { expect, it } from 'vitest'
import type { Contest } from './contest.ts'
import { contestSection, qualityTable } from './quality-page.ts'

const measured = { value: 0.12345, low: 0.1, high: 0.15 }

function contestOf(data: string, names: readonly string[]): Contest {
  const entrants = names.map((name) => ({
    name,
    metrics: { 'ndcg@10': measured },
    set: name === 'ours' ? '{"k":1}' : '',
  }))
  return { data, protocol: 'time-split', users: 1_200, interactions: 34_000, entrants, shown: ['ndcg@10'] }
}

it('Every model has a row, and an empty cell where it did not take part', () => {
  const { head, rows } = qualityTable([contestOf('films', ['ours', 'trending']), contestOf('books', ['ours'])])
  expect(head).toEqual(['NDCG@10', 'films, time-split', 'books, time-split'])
  expect(rows).toEqual([
    ['ours', '0.1235 [0.1000–0.1500]', '0.1235 [0.1000–0.1500]'],
    ['trending', '0.1235 [0.1000–0.1500]', ''],
  ])
})

it('A section says how much was learnt from, who was judged, and how models were set', () => {
  const section = contestSection(contestOf('films', ['ours', 'trending']))
  expect(section).toContain('34,000 interactions to learn from, 1,200 users judged')
  expect(section).toContain('- ours: `{"k":1}`')
  expect(section).not.toContain('- trending')
})
