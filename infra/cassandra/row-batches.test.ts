import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RowWrite } from '#schemas/ports/state-store.ts'
import type { RowKey } from '#schemas/rows/tables.ts'
import { readGroups, writeBatches } from './row-batches.ts'

const placeOf = (key: string) => `replicas of ${key.charCodeAt(0) % 3}`
const rowKey = fc.record<RowKey>({
  table: fc.constantFrom('user-heads', 'user-ids'),
  key: fc.string({ minLength: 1, maxLength: 2 }),
  part: fc.nat(3),
})
const rowWrite = fc
  .tuple(rowKey, fc.constantFrom(0, 200, 2_000, 16_000), fc.nat(100))
  .map(([key, size, offset]): RowWrite => ({ ...key, epoch: 1, offset, bytes: new Uint8Array(size) }))

describe('Writes in requests', () => {
  it('are all there once, those of a request in one place and within what Cassandra takes without a warning', () => {
    fc.assert(
      fc.property(fc.array(rowWrite, { maxLength: 200 }), (rows) => {
        const batches = writeBatches(rows, placeOf)
        expect(new Set(batches.flat())).toEqual(new Set(rows))
        expect(batches.flat()).toHaveLength(rows.length)
        for (const batch of batches) {
          expect(new Set(batch.map(({ key }) => placeOf(key))).size).toBe(1)
          expect(batch.length).toBeLessThanOrEqual(10)
          const bytes = batch.reduce((sum, row) => sum + row.bytes.length, 0)
          expect(batch.length === 1 || bytes < 5 * 1024).toBe(true)
        }
      }),
    )
  })

  it('are as few as they can be for small rows', () => {
    const rows = Array.from({ length: 100 }, (_, i): RowWrite => ({ ...write, key: String.fromCharCode(65 + 3 * i) }))
    expect(writeBatches(rows, placeOf)).toHaveLength(10)
  })
})

describe('Reads in requests', () => {
  it('ask for exactly what is wanted, once, the keys of a request in one place', () => {
    fc.assert(
      fc.property(fc.array(rowKey, { maxLength: 200 }), (keys) => {
        const asked: string[] = []
        for (const group of readGroups(keys, placeOf)) {
          expect(new Set(group.keys.map(placeOf)).size).toBe(1)
          expect(group.keys.length).toBeLessThanOrEqual(16)
          for (const key of group.keys)
            for (const part of group.parts) asked.push(JSON.stringify([group.table, key, part]))
        }
        const wanted = new Set(keys.map(({ table, key, part }) => JSON.stringify([table, key, part])))
        expect(new Set(asked)).toEqual(wanted)
        expect(asked).toHaveLength(wanted.size)
      }),
    )
  })

  it('take all parts of a key together', () => {
    const keys = [3, 1, 2].map((part): RowKey => ({ table: 'user-chunks', key: 'ann', part }))
    expect(readGroups(keys, placeOf)).toEqual([{ table: 'user-chunks', keys: ['ann'], parts: [1, 2, 3] }])
  })
})

const write: RowWrite = { table: 'user-heads', key: 'a', part: 0, epoch: 1, offset: 1, bytes: new Uint8Array(200) }
