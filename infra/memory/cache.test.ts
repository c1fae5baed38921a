import { describe, expect, it } from 'vitest'
import { cacheContract } from '#schemas/ports/cache.contract.ts'
import { memoryCache } from './cache.ts'
import { manualClock } from './manual-clock.ts'

cacheContract('memory', async () => {
  const clock = manualClock()
  return { cache: memoryCache({ clock }), pass: (ms) => clock.advance(ms) }
})

describe('The memory cache', () => {
  it('lets the least recently used entries go when it is full', async () => {
    const cache = memoryCache({ clock: manualClock(), maxBytes: 3_500 })
    const value = new Uint8Array(1_000)
    for (const key of ['a', 'b', 'c']) await cache.setIfNewer(key, value, 1, 60_000)
    await cache.get('a')
    await cache.setIfNewer('d', value, 1, 60_000)
    const kept = await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await cache.get(key)) !== undefined))
    expect(kept).toEqual([true, false, true, true])
  })

  it('does not empty itself for a value larger than it is', async () => {
    const cache = memoryCache({ clock: manualClock(), maxBytes: 1_000 })
    await cache.setIfNewer('small', new Uint8Array(10), 1, 60_000)
    expect(await cache.setIfNewer('large', new Uint8Array(2_000), 1, 60_000)).toBe(false)
    expect(await cache.get('small')).toBeDefined()
  })
})
