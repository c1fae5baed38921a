import { describe, expect, it } from 'vitest'
import type { FileRow } from './file-rows.ts'
import { parseImportOptions, type ImportArguments } from './import-options.ts'
import { itemMapping } from './item-rows.ts'

const films: ImportArguments = {
  as: 'items',
  delimiter: '::',
  columns: 'id,title,genres',
  map: 'id=id,title=title,categories=genres,publishedAt=title,attributes.year=title',
  list: 'categories=|',
  capture: [String.raw`publishedAt=\((\d{4})\)$`, String.raw`attributes.year=\((\d{4})\)$`],
}

describe('itemMapping', () => {
  it('reads a film with its genres, and its year from the end of the title', () => {
    const result = mapped(films, { id: '0113277', title: 'The "Heat" (1995)', genres: 'Crime| Drama||Crime' })
    expect(result).toMatchObject({
      type: 'event',
      event: {
        id: '0113277',
        title: 'The "Heat" (1995)',
        categories: ['Crime', 'Drama'],
        attributes: { year: '1995' },
        publishedAt: Date.UTC(1995, 0, 1),
        source: 's',
        sequence: 3,
      },
    })
  })

  it('leaves out what a pattern does not find and what is empty', () => {
    const result = mapped(films, { id: '1', title: 'Heat', genres: '' })
    expect(result.type === 'event' && result.event).toEqual({
      id: '1',
      title: 'Heat',
      categories: [],
      tags: [],
      attributes: {},
      source: 's',
      sequence: 3,
    })
  })

  it('takes a JSON line in our own vocabulary whole', () => {
    const item = {
      title: 'Lamp',
      description: 'bright',
      categories: ['home', 'light'],
      tags: ['led'],
      attributes: { watts: 9, dimmable: true },
      price: 12.5,
      currency: 'EUR',
      available: false,
      publishedAt: 1_500_000_000_000,
      imageUrl: 'https://example.com/lamp.jpg',
      embedding: [0.5, 1],
      embeddingName: 'clip',
    }
    const result = mapped({ as: 'items', format: 'jsonl' }, { itemId: 'l1', ...item })
    expect(result.type === 'event' && result.event).toEqual({ id: 'l1', ...item, source: 's', sequence: 3 })
  })

  it.each([
    ['id', { title: 'x' }],
    ['title', { itemId: '1' }],
    ['price', { itemId: '1', title: 'x', price: -1 }],
    ['price', { itemId: '1', title: 'x', price: '$3' }],
    ['available', { itemId: '1', title: 'x', available: 'maybe' }],
    ['categories', { itemId: '1', title: 'x', categories: [1] }],
    ['attributes', { itemId: '1', title: 'x', attributes: [] }],
    ['attributes.size', { itemId: '1', title: 'x', attributes: { size: {} } }],
    ['embedding', { itemId: '1', title: 'x', embedding: ['1'] }],
    ['imageUrl', { itemId: '1', title: 'x', imageUrl: 'javascript:alert(1)' }],
  ])('rejects an item with a wrong %s: %j', (field, values) => {
    expect(mapped({ as: 'items', format: 'jsonl' }, values)).toMatchObject({ type: 'rejected', problem: { field } })
  })
})

function mapped(given: ImportArguments, values: Readonly<Record<string, unknown>>) {
  const row: FileRow = { type: 'row', line: 3, raw: 'raw', get: (column) => values[column] }
  return itemMapping(parseImportOptions(given, ['x']), { source: 's' })(row)
}
