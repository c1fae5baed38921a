import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CoViewCounter } from '../rows/item-statistics.ts'
import { countCoView } from './space-saving.ts'

const capacity = 5
const streams = fc.array(fc.integer({ min: 0, max: 11 }).map(String), { maxLength: 200 })

function counted(stream: readonly string[]): Map<string, CoViewCounter> {
  const counters = new Map<string, CoViewCounter>()
  for (const itemId of stream) countCoView(counters, itemId, capacity)
  return counters
}

describe('SpaceSaving counters', () => {
  it('hold the true count between count - error and count', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        for (const [itemId, { count, error }] of counted(stream)) {
          const truth = stream.filter((other) => other === itemId).length
          expect(truth).toBeLessThanOrEqual(count)
          expect(truth).toBeGreaterThanOrEqual(count - error)
        }
      }),
    )
  })

  it('hold every item that makes up more than a fifth of the stream', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const counters = counted(stream)
        const isFrequent = (itemId: string) =>
          stream.filter((other) => other === itemId).length > stream.length / capacity
        expect(stream.filter((itemId) => isFrequent(itemId) && !counters.has(itemId))).toEqual([])
      }),
    )
  })

  it('never grow beyond their capacity, and add up to the length of the stream', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const counters = counted(stream)
        expect(counters.size).toBeLessThanOrEqual(capacity)
        expect([...counters.values()].reduce((sum, { count }) => sum + count, 0)).toBe(stream.length)
      }),
    )
  })

  it('give up the smallest id among the smallest counts', () => {
    expect([...counted(['b', 'a', 'c', 'd', 'e', 'new']).keys()]).toEqual(['b', 'c', 'd', 'e', 'new'])
  })
})
