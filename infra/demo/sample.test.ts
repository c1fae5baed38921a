import { readFile, stat } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { demoData, demoImports } from './sample.ts'

describe('the bundled sample', () => {
  let header = ''
  let ratings: readonly (readonly string[])[] = []
  let films: readonly (readonly string[])[] = []

  beforeAll(async () => {
    const [first = '', ...rest] = await linesOf(demoData.ratings)
    header = first
    ratings = rest.map((line) => line.split(','))
    films = (await linesOf(demoData.films)).map((line) => line.split('::'))
  })

  it('holds as many ratings, users and films as it says', () => {
    expect(ratings).toHaveLength(demoData.counts.ratings)
    expect(new Set(ratings.map(([user]) => user)).size).toBe(demoData.counts.users)
    expect(new Set(films.map(([film]) => film)).size).toBe(demoData.counts.films)
    expect(films).toHaveLength(demoData.counts.films)
  })

  it('names its columns as the import asks for them', () => {
    const { map } = demoImports[1]!.options
    const columns = map.split(',').map((pair) => pair.split('=')[1])
    expect(new Set(header.split(','))).toEqual(new Set(columns))
    expect(films.every((film) => film.length === demoImports[0]!.options.columns?.split(',').length)).toBe(true)
  })

  it('rates the films it describes, and describes no other', () => {
    expect(new Set(ratings.map(([, film]) => film))).toEqual(new Set(films.map(([film]) => film)))
  })

  it('is in the order of time, on the scale 0 to 10, with five ratings or more of every user', () => {
    const times = ratings.map((row) => Number(row[3]))
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(ratings.every((row) => Number(row[2]) >= 0 && Number(row[2]) <= 10)).toBe(true)
    const perUser = Map.groupBy(ratings, ([user]) => user)
    expect(Math.min(...[...perUser.values()].map((own) => own.length))).toBeGreaterThanOrEqual(5)
  })

  it('has a year at the end of every title', () => {
    expect(films.filter((film) => !/\(\d{4}\)$/.test(film[1] ?? ''))).toEqual([])
  })

  it('leaves more than a thousand users with a history of five to be judged on its last tenth', () => {
    const split = Math.floor(ratings.length * 0.9)
    const before = Map.groupBy(ratings.slice(0, split), ([user]) => user)
    const judged = new Set(ratings.slice(split).map(([user]) => user))
    expect([...judged].filter((user) => (before.get(user)?.length ?? 0) >= 5).length).toBeGreaterThan(1_000)
  })

  it('takes less than two megabytes, with its licence', async () => {
    const sizes = await Promise.all([demoData.ratings, demoData.films, demoData.licence].map((path) => stat(path)))
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2_000_000)
    expect(await readFile(demoData.licence, 'utf8')).toContain('Simon Dooms')
  })
})

async function linesOf(path: string): Promise<string[]> {
  return gunzipSync(await readFile(path))
    .toString('utf8')
    .trimEnd()
    .split('\n')
}
