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

/** What a user did with an item. */
export interface Deed {
  readonly userId: string
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  /** Epoch ms; 0 where the data have none. */
  readonly time: number
}

/** MovieTweetings by time, its bundled sample without `folder`; and goodbooks-10k at random where `folder` has it. */
export function ratedData(movies: BenchData, folder: string | undefined): RatedData[] {
  const films = movies.imports.find(({ options }) => options.as === 'interactions')?.files[0]
  const found: RatedData[] = []
  if (films !== undefined) {
    const ratings = linesOf(films, 'user_id,imdb_id,rating,timestamp').map(
      ([userId = '', itemId = '', value, time]): Deed => ({
        userId,
        itemId,
        action: 'rating',
        value: Number(value),
        time: 1_000 * Number(time),
      }),
    )
    const settings = { ...defaultFoldSettings, ratingScale: { min: 0, max: 10 } }
    const name = `MovieTweetings${movies.name === 'sample' ? ' (sample)' : ''}`
    found.push(dataOf(name, 'time-split', settings, firstOfEach(ratings)))
  }
  const books = bookRatings(folder)
  if (books !== undefined) found.push(dataOf('goodbooks-10k', 'random-holdout', defaultFoldSettings, books))
  return found
}

/** What readers gave 4 stars or 5, as likes: goodbooks-10k with readers held out whole. Undefined where `folder` has it not. */
export function likedBooks(folder: string | undefined): RatedData | undefined {
  const likes = bookRatings(folder)
    ?.filter(({ value }) => value !== null && value >= 4)
    .map((deed): Deed => ({ ...deed, action: 'like', value: null }))
  if (likes === undefined) return undefined
  return dataOf('goodbooks-10k, readers held out', 'strong-generalisation', defaultFoldSettings, likes)
}

/** Undefined where `folder` has no goodbooks-10k. */
function bookRatings(folder: string | undefined): Deed[] | undefined {
  const file = join(folder ?? '', 'goodbooks-10k', 'ratings.csv.gz')
  if (folder === undefined || folder === '' || !existsSync(file)) return undefined
  const ratings = linesOf(file, 'book_id,user_id,rating').map(([itemId = '', userId = '', value]): Deed => {
    return { userId, itemId, action: 'rating', value: Number(value), time: 0 }
  })
  return firstOfEach(ratings)
}

/** The first rating of a user for an item counts: goodbooks-10k repeats some. */
function firstOfEach(deeds: readonly Deed[]): Deed[] {
  const first = new Map<string, Deed>()
  for (const deed of deeds) {
    const pair = `${deed.userId} ${deed.itemId}`
    if (!first.has(pair)) first.set(pair, deed)
  }
  return [...first.values()]
}

function linesOf(file: string, header: string): string[][] {
  const [first, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  if (first?.trim() !== header) throw new Error(`${file} does not begin with ${header}`)
  return lines.map((line) => line.split(','))
}

/** Histories of what was done, each user's in the order of time. */
export function dataOf(
  name: string,
  protocol: Protocol,
  foldSettings: FoldSettings,
  deeds: readonly Deed[],
): RatedData {
  const columns = historyColumns()
  const numbered = deeds.map((deed, offset) => ({ ...deed, offset }))
  for (const [userId, ofUser] of Map.groupBy(numbered, (deed) => deed.userId)) {
    const inTime = ofUser.sort((a, b) => a.time - b.time || a.offset - b.offset)
    columns.add(userId, 0, inTime.slice(-foldSettings.limits.history).map(entryOf))
  }
  return { name, histories: { ...columns.joined(), positions: [], unreadable: 0 }, foldSettings, protocol }
}

function entryOf({ itemId, action, value, time, offset }: Deed & { readonly offset: number }): HistoryEntry {
  return {
    id: String(offset),
    itemId,
    action,
    value,
    occurredAt: time,
    acceptedAt: time,
    clock: time,
    offset,
    filed: false,
  }
}
