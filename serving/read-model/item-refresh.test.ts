import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Clock } from '#schemas/ports/clock.ts'
import { itemRefresh } from './item-refresh.ts'

/** Time in which nobody wakes by himself. */
const stillClock: Clock = {
  now: () => 0,
  sleep: (_, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) resolve()
      else signal?.addEventListener('abort', () => resolve())
    }),
}

describe('reading items again', () => {
  it('reads an item once for many notices, and again for one that came during the read', async () => {
    const reads: string[] = []
    const refresh = itemRefresh({
      read: async (itemId) => {
        reads.push(itemId)
        if (reads.length === 1) refresh.add('a')
      },
      batch: 10,
      pauseMs: 1_000,
      clock: stillClock,
      report: () => {},
    })
    for (const itemId of ['a', 'a', 'b', 'a']) refresh.add(itemId)
    await refresh.idle()
    await refresh.idle()
    expect(reads).toEqual(['a', 'b', 'a'])
    expect(refresh.waiting()).toBe(0)
    await refresh.stop()
  })

  it('tries again what could not be read, after a pause', async () => {
    const failures: unknown[] = []
    const pauses: number[] = []
    let tries = 0
    const refresh = itemRefresh({
      read: async () => {
        if (++tries < 3) throw new Error('no answer')
      },
      batch: 10,
      pauseMs: 0,
      clock: { now: () => 0, sleep: async (ms) => void pauses.push(ms) },
      report: (error) => failures.push(error),
    })
    refresh.add('a')
    await refresh.idle()
    expect(tries).toBe(3)
    expect(failures).toHaveLength(2)
    expect(pauses.slice(0, 2)).toEqual([200, 200])
    await refresh.stop()
  })

  it('makes nobody wait for what was added after he asked', async () => {
    const reads: string[] = []
    const refresh = itemRefresh({
      read: async (itemId) => {
        reads.push(itemId)
        refresh.add(itemId === 'a' ? 'b' : 'a')
      },
      batch: 1,
      pauseMs: 0,
      clock: stillClock,
      report: () => {},
    })
    refresh.add('a')
    await refresh.idle()
    await refresh.idle()
    expect(reads.length).toBeGreaterThanOrEqual(2)
    expect(refresh.waiting()).toBe(1)
    await refresh.stop()
  })

  it('makes who asks during the read of an item that has changed again wait for its next read', async () => {
    const begun: PromiseWithResolvers<void>[] = []
    const refresh = itemRefresh({
      read: async () => {
        const read = Promise.withResolvers<void>()
        begun.push(read)
        await read.promise
      },
      batch: 1,
      pauseMs: 0,
      clock: stillClock,
      report: () => {},
    })
    refresh.add('a')
    await setImmediate()
    refresh.add('a')
    let isIdle = false
    const idle = refresh.idle().then(() => (isIdle = true))
    begun[0]!.resolve()
    while (begun.length < 2) await setImmediate()
    expect(isIdle).toBe(false)
    begun[1]!.resolve()
    await idle
    expect(begun).toHaveLength(2)
    await refresh.stop()
  })

  it('lets others have their turn between batches while somebody waits', async () => {
    const reads: string[] = []
    const refresh = itemRefresh({
      read: async (itemId) => void reads.push(itemId),
      batch: 2,
      pauseMs: 1_000,
      clock: stillClock,
      report: () => {},
    })
    for (const itemId of ['a', 'b', 'c', 'd', 'e', 'f']) refresh.add(itemId)
    const all = refresh.idle()
    await setImmediate()
    expect(reads.length).toBeLessThan(6)
    await all
    expect(reads).toHaveLength(6)
    await refresh.stop()
  })
})
