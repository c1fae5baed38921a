import { describe, expect, it } from 'vitest'
import type { Cache } from './cache.ts'

export interface CacheSubject {
  readonly cache: Cache
  /** Makes time pass for the entries' ends. */
  readonly pass: (ms: number) => Promise<void> | void
}

export function cacheContract(name: string, open: () => Promise<CacheSubject>): void {
  const one = Uint8Array.of(1, 2, 3)
  const two = Uint8Array.of(4)

  describe(`Cache: ${name}`, () => {
    it('answers what was set, with its version', async () => {
      const { cache } = await open()
      expect(await cache.get('user')).toBeUndefined()
      expect(await cache.setIfNewer('user', one, 7, 60_000)).toBe(true)
      expect(await cache.get('user')).toEqual({ value: one, version: 7 })
    })

    it('keeps the newer version, whatever comes after it', async () => {
      const { cache } = await open()
      await cache.setIfNewer('user', one, 7, 60_000)
      expect(await cache.setIfNewer('user', two, 6, 60_000)).toBe(false)
      expect(await cache.get('user')).toEqual({ value: one, version: 7 })
      expect(await cache.setIfNewer('user', two, 7, 60_000)).toBe(true)
      expect(await cache.get('user')).toEqual({ value: two, version: 7 })
    })

    it('takes the newest of versions set at once', async () => {
      const { cache } = await open()
      await Promise.all(
        [3, 9, 5, 1].map((version) => cache.setIfNewer('user', Uint8Array.of(version), version, 60_000)),
      )
      expect(await cache.get('user')).toEqual({ value: Uint8Array.of(9), version: 9 })
    })

    it('forgets an entry when its time is over, and then takes an older version', async () => {
      const { cache, pass } = await open()
      await cache.setIfNewer('user', one, 7, 50)
      await pass(51)
      expect(await cache.get('user')).toBeUndefined()
      expect(await cache.setIfNewer('user', two, 6, 60_000)).toBe(true)
    })

    it('deletes an entry, and is content if there is none', async () => {
      const { cache } = await open()
      await cache.setIfNewer('user', one, 7, 60_000)
      await cache.delete('user')
      await cache.delete('user')
      expect(await cache.get('user')).toBeUndefined()
    })

    it('holds its own copy of the bytes', async () => {
      const { cache } = await open()
      const mine = Uint8Array.of(1, 2, 3)
      await cache.setIfNewer('user', mine, 1, 60_000)
      mine.fill(0)
      expect((await cache.get('user'))?.value).toEqual(one)
    })
  })
}
