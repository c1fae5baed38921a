import { describe, expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { takeSnapshot } from './snapshot.ts'

const dimension = 3

describe('A snapshot', () => {
  it('holds every vector under its slot, long ones first', async () => {
    const random = seededRandom(1)
    const held = new Map<number, Float32Array>()
    for (let n = 0; n < 2_500; n++) {
      const size = 10 ** (-3 * random())
      held.set(2 * n, Float32Array.of(size * random(), -size * random(), n % 100 === 0 ? 0 : size))
    }
    const snapshot = await snapshotOf(held)
    expect(new Set(snapshot.slots)).toEqual(new Set(held.keys()))
    const lengths = Array.from(snapshot.slots, (slot, row) => {
      const vector = snapshot.vectors.subarray(row * dimension, (row + 1) * dimension)
      expect(vector).toEqual(held.get(slot))
      return Math.hypot(...vector)
    })
    for (const [row, length] of lengths.entries()) {
      expect(snapshot.reach[row]!).toBeCloseTo(Math.max(...lengths.slice(row)), 12)
      expect(length).toBeLessThan((lengths[row - 1] ?? Infinity) * 1.01)
    }
  })

  it('keeps vectors of one length in the order given', async () => {
    const held = new Map([5, 1, 3].map((slot) => [slot, Float32Array.of(0, slot % 2, 0)]))
    expect([...(await snapshotOf(held)).slots]).toEqual([5, 1, 3])
  })

  it('leaves out slots that have gone', async () => {
    const held = new Map([1, 2, 3, 4].map((slot) => [slot, Float32Array.of(slot, 0, 0)]))
    const snapshot = await snapshotOf(held, (slot) => slot % 2 === 0)
    expect([...snapshot.slots]).toEqual([4, 2])
    expect([...snapshot.vectors]).toEqual([4, 0, 0, 2, 0, 0])
    expect([...snapshot.reach]).toEqual([4, 2])
  })
})

function snapshotOf(held: ReadonlyMap<number, Float32Array>, isThere: (slot: number) => boolean = () => true) {
  return takeSnapshot(dimension, Uint32Array.from(held.keys()), (slot, target, at) => {
    if (isThere(slot)) target.set(held.get(slot)!, at)
    return isThere(slot)
  })
}
