import { describe, expect, it } from 'vitest'
import { adaptiveLimit, type AdaptiveLimit, type Begun } from './adaptive-limit.ts'

/** As many as there is room for, of so many. */
function beginOf(limit: AdaptiveLimit, wanted: number): Begun[] {
  const begun: Begun[] = []
  while (begun.length < wanted && limit.hasRoom()) begun.push(limit.begin())
  return begun
}

function endAll(begun: readonly Begun[], as: 'in-time' | 'too-late' | 'unknown'): void {
  for (const one of begun) one.end(as)
}

describe('An adaptive limit', () => {
  it('may begin low, and soon rises to the most while they end in time', () => {
    const limit = adaptiveLimit(100, 32)
    const begun = beginOf(limit, 200)
    expect(begun).toHaveLength(32)
    endAll(begun, 'in-time')
    for (let round = 0; round < 8; round++) endAll(beginOf(limit, 200), 'in-time')
    expect(beginOf(limit, 200)).toHaveLength(100)
  })

  it('is the most where that is low, and again once they have ended', () => {
    const limit = adaptiveLimit(8)
    const begun = beginOf(limit, 10)
    expect(begun).toHaveLength(8)
    expect(limit.underWay()).toBe(8)
    endAll(begun, 'in-time')
    expect(beginOf(limit, 10)).toHaveLength(8)
  })

  it('of requests that slow each other down lets in as many as end in time', () => {
    const limit = adaptiveLimit(256)
    let admitted: Begun[] = []
    for (let round = 0; round < 50; round++) {
      admitted = beginOf(limit, 256)
      endAll(admitted, 50 * admitted.length > 1_000 ? 'too-late' : 'in-time')
    }
    expect(admitted.length).toBeGreaterThanOrEqual(10)
    expect(admitted.length).toBeLessThanOrEqual(21)
  })

  it('is lowered once for all that were under way together', () => {
    const limit = adaptiveLimit(32)
    endAll(beginOf(limit, 64), 'too-late')
    expect(beginOf(limit, 64)).toHaveLength(16)
  })

  it('goes by how many were really under way', () => {
    const limit = adaptiveLimit(256)
    endAll(beginOf(limit, 20), 'too-late')
    expect(beginOf(limit, 64)).toHaveLength(10)
  })

  it('never falls below the least, and rises to the most again', () => {
    const limit = adaptiveLimit(32)
    for (let round = 0; round < 10; round++) endAll(beginOf(limit, 32), 'too-late')
    expect(limit.hasRoom()).toBe(true)
    let admitted = beginOf(limit, 32)
    expect(admitted).toHaveLength(4)
    for (let round = 0; round < 80; round++) {
      endAll(admitted, 'in-time')
      admitted = beginOf(limit, 32)
    }
    expect(admitted).toHaveLength(32)
  })

  it('learns nothing from what says nothing', () => {
    const limit = adaptiveLimit(32)
    endAll(beginOf(limit, 32), 'unknown')
    expect(beginOf(limit, 64)).toHaveLength(32)
  })

  it('lets a burst in after slow ones that were alone', () => {
    const limit = adaptiveLimit(32)
    for (let round = 0; round < 40; round++) endAll(beginOf(limit, 1), 'in-time')
    expect(beginOf(limit, 64)).toHaveLength(32)
  })
})
