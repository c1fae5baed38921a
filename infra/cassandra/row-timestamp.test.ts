import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowTimestamp } from './row-timestamp.ts'

const position = fc.record({
  epoch: fc.integer({ min: 0, max: 2047 }),
  offset: fc.maxSafeNat().map((n) => n % 2 ** 52),
})

describe('The timestamp of a row', () => {
  it('is epoch · 2^52 + offset, exactly', () => {
    fc.assert(
      fc.property(position, ({ epoch, offset }) => {
        expect(BigInt(rowTimestamp(epoch, offset).toString())).toBe(BigInt(epoch) * 2n ** 52n + BigInt(offset))
      }),
    )
    expect(rowTimestamp(2047, 2 ** 52 - 1).toString()).toBe(String(2n ** 63n - 1n))
    expect(rowTimestamp(1, 2 ** 32).toString()).toBe(String(2n ** 52n + 2n ** 32n))
    expect(rowTimestamp(1, 2 ** 32 - 1).toString()).toBe(String(2n ** 52n + 2n ** 32n - 1n))
    expect(rowTimestamp(0, 0).toString()).toBe('0')
  })

  it('of epoch 1 is above the microseconds of every wall clock until 2112', () => {
    expect(Number(rowTimestamp(1, 0).toString()) / 1000).toBeGreaterThan(Date.UTC(2112, 0))
  })

  it.each([
    [1, -1],
    [1, 2 ** 52],
    [1, 0.5],
    [2048, 0],
    [-1, 0],
    [Number.NaN, 0],
  ])('refuses epoch %d, offset %d', (epoch, offset) => {
    expect(() => rowTimestamp(epoch, offset)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})
