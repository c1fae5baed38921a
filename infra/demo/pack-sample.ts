import { readFile, writeFile } from 'node:fs/promises'
import { argv, env } from 'node:process'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { MillraceError } from '#schemas/errors.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { demoData } from './sample.ts'

/**
 * Packs the bundled sample from a folder of data sets: `node infra/demo/pack-sample.ts [DIR]`, default MILLRACE_DATASETS.
 * Whole users with at least five ratings are taken in the order of a hash of their id until 100,000 ratings are
 * together, so every history is complete; ratings keep their order and times, films are those that occur.
 */
export async function packSample(datasets: string): Promise<void> {
  const from = join(datasets, 'movietweetings')
  const ratings = await linesOf(join(from, 'ratings.csv.gz'))
  const films = await linesOf(join(from, 'movies.dat.gz'))
  const kept = sampleRatings(ratings)
  const occurring = new Set(kept.slice(1).map((line) => line.split(',')[1]!))
  await writeFile(demoData.ratings, packed(kept))
  await writeFile(demoData.films, packed(films.map(withPaddedFilm).filter((line) => occurring.has(filmOf(line)))))
  await writeFile(demoData.licence, await readFile(join(from, 'LICENSE')))
}

const enoughRatings = 100_000
const leastOfUser = 5

function sampleRatings([header = '', ...lines]: readonly string[]): readonly string[] {
  const perUser = Map.groupBy(lines, userOf)
  const candidates = [...perUser].filter(([, own]) => own.length >= leastOfUser)
  candidates.sort(([a], [b]) => hash53(a) - hash53(b))
  const chosen = new Set<string>()
  let count = 0
  for (const [user, own] of candidates) {
    if (count >= enoughRatings) break
    chosen.add(user)
    count += own.length
  }
  return [header, ...lines.filter((line) => chosen.has(userOf(line))).map(withPaddedItem)]
}

function userOf(rating: string): string {
  return rating.slice(0, rating.indexOf(','))
}

function filmOf(film: string): string {
  return film.slice(0, film.indexOf('::'))
}

/** IMDb numbers have seven digits; one of them has lost its zero in one of the two files. */
function withPaddedItem(rating: string): string {
  const [user = '', item = '', ...rest] = rating.split(',')
  return [user, item.padStart(7, '0'), ...rest].join(',')
}

function withPaddedFilm(film: string): string {
  return `${filmOf(film).padStart(7, '0')}${film.slice(film.indexOf('::'))}`
}

async function linesOf(path: string): Promise<readonly string[]> {
  return gunzipSync(await readFile(path))
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
}

function packed(lines: readonly string[]): Buffer {
  return gzipSync(`${lines.join('\n')}\n`, { level: 9 })
}

if (import.meta.main) {
  const datasets = argv[2] ?? env['MILLRACE_DATASETS']
  if (datasets === undefined)
    throw new MillraceError('configuration-invalid', 'say where the data sets are: pack-sample.ts DIR')
  await packSample(datasets)
}
