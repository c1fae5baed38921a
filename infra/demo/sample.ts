import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '#schemas/errors.ts'

const dataFolder = join('infra', 'demo', 'data')

const folder = join(packageRoot(dirname(fileURLToPath(import.meta.url))), dataFolder)

/** The bundled sample of MovieTweetings (MIT): whole histories of users with at least five ratings. */
export const demoData = {
  folder,
  ratings: join(folder, 'ratings.csv.gz'),
  films: join(folder, 'movies.dat.gz'),
  licence: join(folder, 'LICENSE'),
  /** What the files hold; a test counts again. */
  counts: { ratings: 100_015, users: 3_505, films: 10_933 },
} as const

/** A file and how `millrace import` reads it, in the words of its options. */
export interface DemoImport {
  readonly files: readonly string[]
  readonly options: {
    readonly as: 'interactions' | 'items'
    readonly delimiter?: string
    readonly header?: boolean
    readonly columns?: string
    readonly map: string
    readonly type?: string
    readonly scale?: string
    readonly timeUnit: string
    readonly list?: string
    readonly capture?: readonly string[]
  }
}

/** Films first, so that no list shows a film without its title. The year comes from the end of the title. */
export const demoImports: readonly DemoImport[] = [
  {
    files: [demoData.films],
    options: {
      as: 'items',
      delimiter: '::',
      columns: 'id,title,genres',
      map: 'id=id,title=title,categories=genres,publishedAt=title,attributes.year=title',
      list: 'categories=|',
      capture: [String.raw`publishedAt=\((\d{4})\)$`, String.raw`attributes.year=\((\d{4})\)$`],
      timeUnit: 'iso',
    },
  },
  {
    files: [demoData.ratings],
    options: {
      as: 'interactions',
      header: true,
      map: 'user=user_id,item=imdb_id,value=rating,time=timestamp',
      type: 'rating',
      scale: '0..10',
      timeUnit: 's',
    },
  },
]

/** The folder above this file that holds the data: this file lies deeper in the built package than in a checkout. */
function packageRoot(from: string): string {
  for (let at = from; ; at = dirname(at)) {
    if (existsSync(join(at, dataFolder))) return at
    if (dirname(at) === at) throw new MillraceError('not-found', `there is no ${dataFolder} above ${from}`)
  }
}
