import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { hash32 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { Interactions } from '#schemas/ports/solver.ts'

export interface RatedMatrix {
  readonly name: string
  /** Of users, every value the confidence asked for. */
  readonly train: Interactions
  /** Columns held out of each row; none where the data are generated. */
  readonly heldOut: readonly (readonly number[])[]
}

interface Source {
  readonly file: readonly [folder: string, name: string]
  readonly user: string
  readonly item: string
}

/** Data sets of ratings below a folder; every rating counts alike, a pair once. */
export const ratedSources: Readonly<Record<string, Source>> = {
  'goodbooks-10k': { file: ['goodbooks-10k', 'ratings.csv.gz'], user: 'user_id', item: 'book_id' },
  MovieTweetings: { file: ['movietweetings', 'ratings.csv.gz'], user: 'user_id', item: 'imdb_id' },
}

/** A fifth of the pairs, told by a hash of both ids, is held out. */
export function ratedMatrix(folder: string, name: string, confidence: number): RatedMatrix {
  const { file, user, item } = ratedSources[name]!
  const [header = '', ...lines] = gunzipSync(readFileSync(join(folder, ...file)))
    .toString()
    .trimEnd()
    .split('\n')
  const [userAt, itemAt] = [user, item].map((column) => header.split(',').indexOf(column))
  const users = new Map<string, number>()
  const items = new Map<string, number>()
  const rows: Set<number>[] = []
  const heldOut: number[][] = []
  for (const line of lines) {
    const cells = line.split(',')
    const [userId, itemId] = [cells[userAt!]!, cells[itemAt!]!]
    const row = numberOf(users, userId)
    const column = numberOf(items, itemId)
    rows[row] ??= new Set()
    heldOut[row] ??= []
    if (rows[row].has(column) || heldOut[row].includes(column)) continue
    if (hash32(`${userId} ${itemId}`) % 5 === 0) heldOut[row].push(column)
    else rows[row].add(column)
  }
  const sorted = rows.map((row) => Uint32Array.from(row).sort())
  return { name, train: matrixOf(sorted, items.size, confidence), heldOut }
}

/** A few users and items have most of the pairs: of a user's as of an item's number the density falls with a power. */
export function generatedMatrix(entries: number, seed: number, confidence: number): RatedMatrix {
  const [users, items] = [138_000, 27_000]
  const random = seededRandom(seed)
  const pairs = new Float64Array(entries)
  for (let i = 0; i < entries; i++) {
    pairs[i] = Math.floor(users * random() ** 1.5) * items + Math.floor(items * random() ** 2)
  }
  pairs.sort()
  const unique = pairs.filter((pair, i) => pair !== pairs[i - 1])
  const space = workspace()
  const starts = space.integers(users + 1).fill(0)
  const indices = space.integers(unique.length)
  for (const [i, pair] of unique.entries()) {
    const row = Math.floor(pair / items)
    indices[i] = pair - row * items
    starts[row + 1]!++
  }
  for (let row = 0; row < users; row++) starts[row + 1]! += starts[row]!
  const values = space.floats(unique.length).fill(confidence)
  return {
    name: `generated, ${Math.round(entries / 1e6)} M`,
    train: { rows: users, columns: items, starts, indices, values },
    heldOut: [],
  }
}

function matrixOf(rows: readonly Uint32Array[], columns: number, confidence: number): Interactions {
  const entries = rows.reduce((sum, row) => sum + row.length, 0)
  const space = workspace()
  const starts = space.integers(rows.length + 1).fill(0)
  const indices = space.integers(entries)
  for (const [row, own] of rows.entries()) {
    indices.set(own, starts[row])
    starts[row + 1] = starts[row]! + own.length
  }
  return { rows: rows.length, columns, starts, indices, values: space.floats(entries).fill(confidence) }
}

function numberOf(numbers: Map<string, number>, id: string): number {
  const known = numbers.get(id)
  if (known !== undefined) return known
  numbers.set(id, numbers.size)
  return numbers.size - 1
}
