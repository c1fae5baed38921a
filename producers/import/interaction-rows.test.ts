import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { FileRow } from './file-rows.ts'
import { parseImportOptions, type ImportArguments } from './import-options.ts'
import { interactionMapping } from './interaction-rows.ts'

const startedAt = Date.UTC(2024, 0, 1)
const given: ImportArguments = {
  as: 'interactions',
  format: 'jsonl',
  map: 'user=u,item=i,value=v,time=t,type=k',
  type: 'rating',
}

describe('interactionMapping', () => {
  it('makes an event that is known by source and line', () => {
    expect(mapped({ u: 7, i: ' a ', v: '4', t: '2015-06-01 10:00' }, { line: 12 })).toEqual({
      type: 'event',
      line: 12,
      raw: 'raw',
      event: {
        id: 's:12',
        userId: '7',
        itemId: 'a',
        type: 'rating',
        value: 4,
        occurredAt: Date.UTC(2015, 5, 1, 10),
        source: 's',
        sequence: 12,
      },
    })
  })

  it('gives a row without a time the start of the import', () => {
    expect(mapped({ u: '7', i: 'a', v: 3, t: '' })).toMatchObject({ event: { occurredAt: startedAt } })
  })

  it('takes the value of a type that is no rating as it is', () => {
    expect(mapped({ u: '7', i: 'a', k: 'purchase', v: 250 }, { scale: '1..5' })).toMatchObject({
      event: { value: 250 },
    })
  })

  it.each([
    ['user', { i: 'a', v: 3 }],
    ['user', { u: 'x'.repeat(257), i: 'a', v: 3 }],
    ['user', { u: { name: 'x' }, i: 'a', v: 3 }],
    ['item', { u: '7', i: 'a\u0000', v: 3 }],
    ['item', { u: '7', i: 'a\ufffd', v: 3 }],
    ['type', { u: '7', i: 'a', v: 3, k: 'rated' }],
    ['type', { u: '7', i: 'a', v: 3, k: 'toString' }],
    ['value', { u: '7', i: 'a' }],
    ['value', { u: '7', i: 'a', v: 'good' }],
    ['value', { u: '7', i: 'a', v: 5.5 }],
    ['time', { u: '7', i: 'a', v: 3, t: 1_420_000_000 }],
    ['time', { u: '7', i: 'a', v: 3, t: '2023-02-30' }],
    ['time', { u: '7', i: 'a', v: 3, t: startedAt + 86_400_001 }],
  ])('rejects a row with a wrong %s: %j', (field, row) => {
    expect(mapped(row)).toMatchObject({ type: 'rejected', problem: { field } })
  })

  it('carries values linearly from the scale of the file to the configured one', () => {
    const { min, max } = defaultFoldSettings.ratingScale
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 100 }), fc.nat(100), (a, width, at) => {
        const scale = `${a}..${a + width}`
        const value = a + (width * at) / 100
        const result = mapped({ u: '7', i: 'a', v: value }, { scale })
        expect(result.type === 'event' ? result.event.value : undefined).toBeCloseTo(min + ((max - min) * at) / 100, 9)
        expect(mapped({ u: '7', i: 'a', v: a + width + 0.01 }, { scale }).type).toBe('rejected')
      }),
    )
  })
})

function mapped(values: Readonly<Record<string, unknown>>, options: { line?: number; scale?: string } = {}) {
  const plan = parseImportOptions({ ...given, scale: options.scale }, ['x'])
  const row: FileRow = { type: 'row', line: options.line ?? 1, raw: 'raw', get: (column) => values[column] }
  return interactionMapping(plan, { source: 's', startedAt, settings: defaultFoldSettings })(row)
}
