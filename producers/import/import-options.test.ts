import { describe, expect, it } from 'vitest'
import { parseImportOptions, type ImportArguments } from './import-options.ts'

const ratings: ImportArguments = { as: 'interactions', header: true, map: 'user=u,item=i', type: 'rating' }

describe('parseImportOptions', () => {
  it('reads what one types for ratings', () => {
    const plan = parseImportOptions(
      { ...ratings, map: 'user=u,item=i,value=r,time=t', scale: '0..10', timeUnit: 's' },
      ['ratings.csv.gz'],
    )
    expect(plan).toEqual({
      kind: 'interactions',
      format: { type: 'delimited', delimiter: ',', quote: '"', header: true, names: null },
      columns: { user: 'u', item: 'i', value: 'r', time: 't' },
      needed: ['i', 'r', 't', 'u'],
      action: 'rating',
      scale: { min: 0, max: 10 },
      timeUnit: 's',
      lists: {},
      captures: {},
    })
  })

  it('takes quotes literally between delimiters of one’s own, unless told otherwise', () => {
    const own = { ...ratings, delimiter: '::' }
    expect(parseImportOptions(own, ['x.dat']).format).toMatchObject({ delimiter: '::', quote: null })
    expect(parseImportOptions({ ...own, quote: '"' }, ['x.dat']).format).toMatchObject({ quote: '"' })
    expect(parseImportOptions({ ...ratings, quote: 'none' }, ['x.csv']).format).toMatchObject({ quote: null })
  })

  it('lets separators and patterns hold commas', () => {
    const plan = parseImportOptions(
      {
        as: 'items',
        header: true,
        map: ['id=i,title=t', 'categories=c,tags=g'],
        list: 'categories=,,tags=|',
        capture: String.raw`title=^(.{1,80})`,
      },
      ['x.csv'],
    )
    expect(plan.lists).toEqual({ categories: ',', tags: '|' })
    expect(plan.captures).toEqual({ title: '^(.{1,80})' })
  })

  it('knows the id of an item also by the name it has in interactions', () => {
    const plan = parseImportOptions({ as: 'items', header: true, map: 'item=movieId,title=t' }, ['x.csv'])
    expect(plan.columns).toMatchObject({ id: 'movieId', title: 't' })
    const twice = { as: 'items', header: true, map: 'item=a,id=b,title=t' }
    expect(() => parseImportOptions(twice, ['x.csv'])).toThrow('--map: id is given twice')
  })

  it('reads files in our own vocabulary without a map, needing only what an event needs', () => {
    const plan = parseImportOptions({ as: 'interactions' }, ['events.jsonl'])
    expect(plan.columns['time']).toBe('occurredAt')
    expect(plan.needed).toEqual(['userId', 'itemId'])
  })

  it.each<[string, ImportArguments, string[]]>([
    ['--as', { ...ratings, as: 'ratings' }, ['a.csv']],
    ['--as', { ...ratings, as: undefined }, ['a.csv']],
    ['--format', ratings, ['a.dat']],
    ['--format', ratings, ['a.csv', 'b.tsv']],
    ['--format', { ...ratings, format: 'xml' }, ['a.csv']],
    ['--header', { ...ratings, header: undefined }, ['a.csv']],
    ['--header', ratings, ['a.jsonl']],
    ['--columns', { ...ratings, columns: 'a,a' }, ['a.csv']],
    ['--delimiter', { ...ratings, delimiter: '' }, ['a.csv']],
    ['--quote', { ...ratings, quote: '""' }, ['a.csv']],
    ['--map', { ...ratings, map: 'user=u' }, ['a.csv']],
    ['--map', { ...ratings, map: 'user=u,item=i,usr=x' }, ['a.csv']],
    ['--map', { ...ratings, map: 'user=u,item=i,user=x' }, ['a.csv']],
    ['--map', { ...ratings, map: 'user' }, ['a.csv']],
    ['--type', { ...ratings, type: undefined }, ['a.csv']],
    ['--type', { as: 'items', header: true, type: 'view' }, ['a.csv']],
    ['--scale', { ...ratings, scale: '5..1' }, ['a.csv']],
    ['--scale', { ...ratings, scale: '1-5' }, ['a.csv']],
    ['--time-unit', { ...ratings, timeUnit: 'hours' }, ['a.csv']],
    ['--list', { ...ratings, list: 'user=|' }, ['a.csv']],
    ['--capture', { ...ratings, capture: 'user=(' }, ['a.csv']],
    ['--capture', { ...ratings, capture: 'user=x' }, ['a.csv']],
    ['--capture', { ...ratings, capture: 'value=(x)' }, ['a.csv']],
    ['FILE', ratings, []],
  ])('names %s when it is wrong: %j of %j', (option, given, files) => {
    expect(() => parseImportOptions(given, files)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining(`${option}:`) }),
    )
  })
})
