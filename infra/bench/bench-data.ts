import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { demoData, demoImports, type DemoImport } from '#infra/demo/sample.ts'

/** Ratings with their films, as files and as what is in them. */
export interface BenchData {
  readonly name: string
  /** For people: what it is, and what it is not. */
  readonly says: string
  /** Films first. */
  readonly imports: readonly DemoImport[]
  /** User and item of every rating, in the order of the file. */
  pairs(): readonly RatedPair[]
}

export interface RatedPair {
  readonly userId: string
  readonly itemId: string
}

/** The whole MovieTweetings under `folder` (`folder/movietweetings/…`); the bundled sample of it where `folder` is not given. */
export function benchData(folder: string | undefined): BenchData {
  if (folder === undefined || folder === '') return bundledData()
  const ratings = join(folder, 'movietweetings', 'ratings.csv.gz')
  const films = join(folder, 'movietweetings', 'movies.dat.gz')
  for (const file of [ratings, films]) if (!existsSync(file)) throw new Error(`MILLRACE_DATASETS: there is no ${file}`)
  return dataOf('movietweetings', 'MovieTweetings, all of it', films, ratings)
}

export function bundledData(): BenchData {
  const says = 'the bundled sample of MovieTweetings (set MILLRACE_DATASETS for all of it)'
  return dataOf('sample', says, demoData.films, demoData.ratings)
}

function dataOf(name: string, what: string, films: string, ratings: string): BenchData {
  const pairs = once(() => readPairs(ratings))
  const users = new Set(pairs().map(({ userId }) => userId)).size
  return {
    name,
    says: `${what}: ${pairs().length.toLocaleString('en')} ratings by ${users.toLocaleString('en')} users`,
    imports: demoImports.map((one) => ({ ...one, files: [one.options.as === 'items' ? films : ratings] })),
    pairs,
  }
}

function readPairs(file: string): RatedPair[] {
  const [header, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  if (header?.startsWith('user_id,imdb_id,') !== true) throw new Error(`${file} does not begin with user_id,imdb_id`)
  return lines.map((line) => {
    const [userId = '', itemId = ''] = line.split(',', 2)
    return { userId, itemId }
  })
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
