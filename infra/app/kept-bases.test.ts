import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  announced,
  caughtUpInstance,
  countedScans,
  instanceOf,
  knowledge,
  never,
  often,
  once,
  openWorld,
  scannedKnowledge,
  stopLater,
  until,
} from './bases-world.fixture.ts'
import { film } from './serving-world.fixture.ts'

describe('Bases', () => {
  it('are written by the first of several instances that find one wanting at once', async () => {
    const world = await openWorld()
    await world.folded()
    let asked = 0
    let released = 0
    let turn = Promise.resolve()
    /** One holder after the other, none before all have asked. */
    const leases: typeof world.ports.leases = {
      async acquire() {
        asked++
        const mine = Promise.withResolvers<void>()
        const before = turn
        turn = mine.promise
        await until(() => asked >= 3)
        await before
        return {
          token: 1,
          renew: async () => true,
          async release() {
            released++
            mine.resolve()
          },
        }
      },
    }
    const clock = { now: () => Date.now(), sleep: () => setImmediate() }
    const instances = await Promise.all([1, 2, 3].map(() => instanceOf(world, once, { leases, clock })))
    for (const instance of instances) {
      stopLater(instance)
    }
    await until(() => released === 3)
    expect(await announced(world)).toHaveLength(1)
    expect(world.reported).toEqual([])
  })

  it('are not written without the lease, nor of few items', async () => {
    const world = await openWorld()
    let asked = 0
    const leases = {
      async acquire() {
        asked++
        return undefined
      },
    }
    stopLater(await caughtUpInstance(world, often, { leases }))
    await until(() => asked > 3)
    stopLater(await caughtUpInstance(world, { ...often, baseFrom: 2 }, { leases: world.ports.leases }))
    await until(() => asked > 100)
    expect(await announced(world)).toEqual([])
  })

  it('are given up when the lease is lost', async () => {
    const world = await openWorld()
    let now = Date.now()
    const clock = { now: () => (now += 30_000), sleep: () => setImmediate() }
    const leases = { acquire: async () => ({ token: 1, renew: async () => false, release: async () => {} }) }
    stopLater(await caughtUpInstance(world, often, { leases, clock }))
    await until(() => world.reported.length > 0)
    expect(world.reported[0]).toMatchObject({ code: 'lease-lost' })
    expect(await announced(world)).toEqual([])
  })

  it('leave the store again when two newer ones are there, all but the parts they share', async () => {
    const held = new Set<string>()
    const world = await openWorld()
    const { blobs } = world.ports
    const put = blobs.put.bind(blobs)
    const remove = blobs.delete.bind(blobs)
    blobs.put = async (bytes) => {
      const digest = await put(bytes)
      held.add(digest)
      return digest
    }
    blobs.delete = async (digest) => {
      held.delete(digest)
      await remove(digest)
    }
    const writer = stopLater(await caughtUpInstance(world, often))
    for (let n = 1; n <= 5; n++) {
      const { length } = await announced(world)
      await world.put(`item-${n}`, film(n))
      await until(async () => (await announced(world)).length > length)
    }
    await writer.stop()
    const bases = await announced(world)
    expect(held.has(bases.at(-1)!.blob)).toBe(true)
    expect(bases.slice(0, -3).filter(({ blob }) => held.has(blob))).toEqual([])
    expect(held.size).toBeLessThanOrEqual(3 * 4)
    const counted = countedScans(world)
    const instance = stopLater(await caughtUpInstance(world, never, { features: counted.features }))
    expect(counted.scans()).toBe(0)
    expect(knowledge(instance)).toEqual(await scannedKnowledge(world))
    expect(world.reported).toEqual([])
  })
})
