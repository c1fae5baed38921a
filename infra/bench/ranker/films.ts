import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { BenchData } from '../bench-data.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'

/** The films of the data as catalogue entries: title, genres as categories. */
export function filmEntries({ imports }: BenchData): CatalogueEntry[] {
  const file = imports.find(({ options }) => options.as === 'items')?.files[0]
  if (file === undefined) throw new Error('the data have no films')
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  return lines.map((line) => {
    const [itemId = '', title = '', genres = ''] = line.split('::')
    return {
      itemId,
      item: { ...blankItem, title, categories: genres.split('|').filter((genre) => genre !== '') },
      firstSeenAt: 0,
      updatedAt: 0,
    }
  })
}
