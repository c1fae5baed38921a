import { describe, expect, it } from 'vitest'
import type { ItemVector } from '#schemas/events/derived.ts'
import { film, servingWorld, type ServingWorld } from '../serving-world.fixture.ts'

async function vectorsOf({ log, codec }: ServingWorld): Promise<ItemVector[]> {
  const vectors: ItemVector[] = []
  for (const { epoch, partition, start } of await log.bounds('item-vectors')) {
    for await (const records of log.read('item-vectors', { epoch, partition, offset: start })) {
      vectors.push(...records.map(({ value }) => codec.decodeEvent('item-vectors', value)))
    }
  }
  return vectors
}

describe('Streaming vectors', () => {
  it('are of the content while nobody has come, and lean to the taste of those who come', async () => {
    const world = await servingWorld()
    await world.publish('m1')
    const vectors = await world.startVectors()
    await vectors.caughtUp()
    await world.put('new', film(98))
    await world.caughtUp()
    await vectors.caughtUp()
    const [first] = await vectorsOf(world)
    expect(first).toMatchObject({ itemId: 'new', modelVersion: 'm1', madeFrom: 'content' })
    for (const user of ['ann', 'bob', 'cid']) {
      for (const drama of ['film-0', 'film-2', 'film-4']) await world.rate(user, drama, 5)
      await world.rate(user, 'new', 5)
    }
    await world.caughtUp()
    await vectors.caughtUp()
    const last = (await vectorsOf(world)).findLast((vector) => vector.itemId === 'new')
    expect(last?.madeFrom).toBe('fold-in')
    expect(last!.vector[0]! - last!.vector[1]!).toBeGreaterThan(first!.vector[0]! - first!.vector[1]!)
    expect(world.reported).toEqual([])
    await vectors.stop()
    await world.stop()
  })

  it('are not made for items that the training knows well, nor without a model', async () => {
    const world = await servingWorld()
    const vectors = await world.startVectors()
    await world.put('early', film(1))
    await world.caughtUp()
    await vectors.caughtUp()
    await world.publish('m1')
    await vectors.caughtUp()
    await world.rate('ann', 'film-3', 5)
    await world.caughtUp()
    await vectors.caughtUp()
    expect(await vectorsOf(world)).toEqual([])
    await vectors.stop()
    await world.stop()
  })

  it('leave out users who had themselves forgotten', async () => {
    const world = await servingWorld()
    await world.publish('m1')
    const vectors = await world.startVectors()
    await vectors.caughtUp()
    await world.rate('ann', 'film-0', 5)
    await world.rate('ann', 'new', 5)
    await world.erase('ann')
    await world.put('new', film(97))
    await world.caughtUp()
    await vectors.caughtUp()
    expect((await vectorsOf(world)).findLast((vector) => vector.itemId === 'new')?.madeFrom).toBe('content')
    await vectors.stop()
    await world.stop()
  })

  it('go on with the next model after one that could not be read', async () => {
    const world = await servingWorld()
    const vectors = await world.startVectors((given) => ({
      ...given,
      registry: {
        get: async (version) => {
          if (version === 'm1') throw new Error('no answer')
          return given.registry.get(version)
        },
      },
    }))
    await world.publish('m1')
    await vectors.caughtUp()
    expect(world.reported).toEqual([expect.objectContaining({ message: 'no answer' })])
    await world.publish('m2')
    await vectors.caughtUp()
    await world.put('new', film(98))
    await world.caughtUp()
    await vectors.caughtUp()
    expect((await vectorsOf(world)).map((vector) => vector.modelVersion)).toEqual(['m2'])
    await vectors.stop()
    await world.stop()
  })

  it('are waited for by everybody, also by who came before another notice', async () => {
    const computing = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const world = await servingWorld()
    await world.publish('m1')
    const vectors = await world.startVectors((given) => ({
      ...given,
      features: {
        ...given.features,
        async catalogueEntry(itemId) {
          computing.resolve()
          await answer.promise
          return given.features.catalogueEntry(itemId)
        },
      },
    }))
    await vectors.caughtUp()
    await world.put('first', film(98))
    await world.caughtUp()
    await computing.promise
    const waiting = vectors.caughtUp()
    await new Promise(setImmediate)
    await world.put('second', film(96))
    await world.caughtUp()
    await new Promise(setImmediate)
    answer.resolve()
    await waiting
    await vectors.caughtUp()
    expect(new Set((await vectorsOf(world)).map((vector) => vector.itemId))).toEqual(new Set(['first', 'second']))
    await vectors.stop()
    await world.stop()
  })
})
