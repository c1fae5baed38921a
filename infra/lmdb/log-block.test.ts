import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockBytes, filterBlock, layBlocks, packRecords, readBlock } from './log-block.ts'

const record = fc.record({
  key: fc.string({ unit: 'grapheme', maxLength: 9 }),
  value: fc.uint8Array({ maxLength: 9_000 }),
})
const timestamp = fc.integer({ min: 0, max: 2 ** 45 })

describe('a block of the log', () => {
  it('gives back the records laid into it, at consecutive offsets', () => {
    fc.assert(
      fc.property(fc.array(record), timestamp, fc.nat(2 ** 40), (records, timestamp, first) => {
        const blocks = layBlocks(packRecords(records, timestamp), first)
        expect(blocks.flatMap((block) => readBlock(block))).toEqual(
          records.map(({ key, value }, i) => ({ offset: first + i, key, value, timestamp })),
        )
        for (const block of blocks) {
          expect(block.bytes.length <= blockBytes || readBlock(block).length === 1).toBe(true)
          expect(readBlock(block)[0]?.offset).toBe(block.first)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('keeps the offsets of the records that are left in it', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(7), (records, kept) => {
        const [block] = layBlocks(packRecords(records, 1), 100)
        const keep = ({ offset }: { readonly offset: number }) => offset % 8 === kept
        const left = filterBlock(block!, keep)
        expect(left === undefined ? [] : readBlock(left)).toEqual(readBlock(block!).filter(keep))
      }),
      { numRuns: 50 },
    )
  })

  it('is the same block when all is kept, and none when nothing is', () => {
    const [block] = layBlocks(packRecords([{ key: 'a', value: new Uint8Array(3) }], 1), 0)
    expect(filterBlock(block!, () => true)).toBe(block)
    expect(filterBlock(block!, () => false)).toBeUndefined()
  })
})
