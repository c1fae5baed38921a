import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { historyColumns } from '#batch/history-columns.ts'
import type { Histories } from '#batch/histories.ts'
import type { Protocol } from '#batch/splits.ts'
import type { HistoryEntry } from '#schemas/rows/user-rows.ts'
import { defaultFoldSettings, type FoldSettings } from '#schemas/settings.ts'
import type { BenchData } from '../bench-data.ts'

/** Ratings as the histories that a log of them is folded to, and how they are judged. */
export interface RatedData {
  readonly name: string
  readonly histories: Histories
  readonly foldSettings: FoldSettings
  readonly protocol: Protocol
}

interface Rating {
  readonly userId: string
  readonly itemId: string
  readonly value: number
  /** Epoch ms; 0 where the data have none. */
  readonly time: number
}

/** MovieTweetings by time, its bundled sample without `folder`; and goodbooks-10k at random where `folder` has it. */
export function ratedData(movies: BenchData, folder: string | undefined): RatedData[] {
  const films = movies.imports.find(({ options }) => options.as === 'interactions')?.files[0]
  const books = join(folder ?? '', 'goodbooks-10k', 'ratings.csv.gz')
  const found: RatedData[] = []
  if (films !== undefined) {
    const ratings = linesOf(films, 'user_id,imdb_id,rating,timestamp').map(
      ([userId = '', itemId = '', value, time]): Rating => ({
        userId,
        itemId,
        value: Number(value),
        time: 1_000 * Number(time),
      }),
    )
    found.push(
      dataOf(
        `MovieTweetings${movies.name === 'sample' ? ' (sample)' : ''}`,
        'time-split',
        { min: 0, max: 10 },
        ratings,
      ),
    )
  }
  if (folder !== undefined && folder !== '' && existsSync(books)) {
    const ratings = linesOf(books, 'book_id,user_id,rating').map(([itemId = '', userId = '', value]): Rating => ({
      userId,
      itemId,
      value: Number(value),
      time: 0,
    }))
    found.push(dataOf('goodbooks-10k', 'random-holdout', { min: 1, max: 5 }, ratings))
  }
  return found
}

function linesOf(file: string, header: string): string[][] {
  const [first, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  if (first?.trim() !== header) throw new Error(`${file} does not begin with ${header}`)
  return lines.map((line) => line.split(','))
}

/** The first rating of a user for an item counts: goodbooks-10k repeats some. */
function dataOf(
  name: string,
  protocol: Protocol,
  ratingScale: FoldSettings['ratingScale'],
  ratings: readonly Rating[],
): RatedData {
  const columns = historyColumns()
  const numbered = ratings.map((rating, offset) => ({ ...rating, offset }))
  for (const [userId, ofUser] of Map.groupBy(numbered, (rating) => rating.userId)) {
    const first = new Map(ofUser.toReversed().map((rating) => [rating.itemId, rating]))
    const kept = [...first.values()].sort((a, b) => a.time - b.time || a.offset - b.offset)
    columns.add(userId, 0, kept.slice(-defaultFoldSettings.limits.history).map(entryOf))
  }
  const histories = { ...columns.joined(), positions: [], unreadable: 0 }
  return { name, histories, foldSettings: { ...defaultFoldSettings, ratingScale }, protocol }
}

function entryOf({ itemId, value, time, offset }: Rating & { readonly offset: number }): HistoryEntry {
  return {
    id: String(offset),
    itemId,
    action: 'rating',
    value,
    occurredAt: time,
    acceptedAt: time,
    clock: time,
    offset,
    filed: false,
  }
}
