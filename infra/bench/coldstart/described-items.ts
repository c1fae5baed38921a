import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import type { BenchData } from '../bench-data.ts'
import { rowsOf, textOf } from './packed-rows.ts'

/** What films say of themselves: title and genres. */
export function films(movies: BenchData): Map<string, Item> {
  const file = movies.imports.find(({ options }) => options.as === 'items')?.files[0]
  if (file === undefined) throw new Error('the data have no films')
  return new Map(
    textOf(file)
      .split('\n')
      .map((line) => {
        const [id = '', title = '', genres = ''] = line.split('::')
        return [id, { ...blankItem, title, categories: genres === '' ? [] : genres.split('|') }]
      }),
  )
}

/** What books say of themselves: title, authors, decade and language, and the shelves readers put them on most as tags. */
export function books(folder: string): Map<string, Item> | undefined {
  const [bookFile, tagFile, shelfFile] = ['books', 'tags', 'book_tags'].map((name) =>
    join(folder, 'goodbooks-10k', `${name}.csv.gz`),
  )
  if (![bookFile, tagFile, shelfFile].every((file) => existsSync(file!))) return undefined
  const names = new Map(rowsOf(tagFile!).map(([id = '', name = '']) => [id, name]))
  const shelves = Map.groupBy(rowsOf(shelfFile!), ([goodreadsId = '']) => goodreadsId)
  const items = new Map<string, Item>()
  for (const row of rowsOf(bookFile!)) {
    const [id = '', goodreadsId = '', , , , , , authors = '', year = '', , title = '', language = ''] = row
    const ofBook = (shelves.get(goodreadsId) ?? []).toSorted(([, , a], [, , b]) => Number(b) - Number(a))
    const tags = ofBook.slice(0, mostTags).map(([, tag = '']) => names.get(tag) ?? tag)
    const written = authors.split(', ').slice(0, 3)
    const attributes: Record<string, string> = { language, decade: `${Math.floor(Number(year) / 10)}0` }
    for (const [i, author] of written.entries()) attributes[`author${i + 1}`] = author
    items.set(id, { ...blankItem, title, tags: [...new Set(tags)], attributes })
  }
  return items
}

const mostTags = 100
