import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { readSigned, signedSize, writeSigned } from './varint.ts'

it('Signed integers are read back as written, in as many bytes as said', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger()), (value) => {
      const bytes = new Uint8Array(12).fill(255)
      const end = writeSigned(bytes, value, 1)
      const from = { bytes, at: 1 }
      expect(readSigned(from)).toBe(value)
      expect([from.at, end]).toEqual([end, 1 + signedSize(value)])
    }),
    { numRuns: 2_000, examples: [[0], [-1], [63], [64], [-64], [-65], [2 ** 27], [2 ** 30], [-(2 ** 30)], [2 ** 31]] },
  )
})

it('Integers are written as Kafka and Protocol Buffers write them', () => {
  const written = (value: number) => {
    const bytes = new Uint8Array(10)
    return [...bytes.subarray(0, writeSigned(bytes, value, 0))]
  }
  expect([0, -1, 1, -2, 150, -150].map(written)).toEqual([[0], [1], [2], [3], [0xac, 2], [0xab, 2]])
})
