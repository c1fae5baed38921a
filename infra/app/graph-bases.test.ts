import { describe, expect, it } from 'vitest'
import { findHnswlib } from '#infra/hnsw/graph.ts'
import { hnswVectorIndex } from '#infra/hnsw/vector-index.ts'
import type { ReadModel } from '#serving/read-model/read-model.ts'
import { announced, caughtUpInstance, never, often, openWorld, stopLater, until } from './bases-world.fixture.ts'
import { film, films } from './serving-world.fixture.ts'
import { workerEntry } from './workers/entry.ts'

const found = await findHnswlib()
if (found.type === 'missing') process.stderr.write(`The graph of an index is not tested: ${found.reason}\n`)

describe.skipIf(found.type === 'missing')('The graph of an index', () => {
  const query = Float32Array.of(0.3, 1)

  async function worldWithGraph() {
    const world = await openWorld()
    for (const [n, itemId] of films.entries()) await world.put(itemId, film(n))
    await world.publish('m1')
    const worker = workerEntry('index-builder')
    const createIndex = hnswVectorIndex({ worker, found, graphFrom: 8 })
    const writer = await caughtUpInstance(world, often, { createIndex })
    await until(async () => (await announced(world)).some(({ of }) => of === 'graph'))
    const neighbours = neighboursOf(writer)
    await writer.stop()
    const cannotBuild = hnswVectorIndex({ worker: new URL('./no-such-worker.ts', worker), found, graphFrom: 8 })
    return { world, neighbours, createIndex, cannotBuild }
  }

  function neighboursOf(instance: ReadModel, k = 5): readonly (readonly [itemId: string, score: number])[] {
    const { items } = instance
    const { slots, scores } = instance.served()!.index.search(query, k)
    return Array.from(slots, (slot, rank) => [items.slots.idOf(slot), scores[rank]!])
  }

  it('is loaded by the next instance, and gives the same neighbours', async () => {
    const { world, neighbours, cannotBuild } = await worldWithGraph()
    const instance = stopLater(await caughtUpInstance(world, never, { createIndex: cannotBuild }))
    expect(instance.served()!.index.kind()).toBe('hnsw')
    expect(instance.served()!.restored).toBeDefined()
    expect(neighboursOf(instance)).toEqual(neighbours)
    expect(world.reported).toEqual([])
  })

  it('is loaded by an instance that reads all rows, its items having other slots there', async () => {
    const { world, neighbours, cannotBuild } = await worldWithGraph()
    const changed = { createIndex: cannotBuild, rows: 'rows of another release' }
    expect(neighboursOf(stopLater(await caughtUpInstance(world, never, changed)))).toEqual(neighbours)
  })

  it('has what is newer over it, and not what has gone', async () => {
    const { world, neighbours, cannotBuild } = await worldWithGraph()
    const [[best] = ['', 0]] = neighbours
    await world.remove(best)
    await world.put('new', film(3))
    const instance = stopLater(await caughtUpInstance(world, never, { createIndex: cannotBuild }))
    expect(instance.served()!.index.size()).toEqual({ base: films.length, overlay: 1, masked: 1 })
    expect(
      neighboursOf(instance, 20)
        .map(([itemId]) => itemId)
        .sort(),
    ).toEqual([...films.filter((itemId) => itemId !== best), 'new'].sort())
  })

  it('is built where it is broken, and offered again', async () => {
    const { world, neighbours, createIndex } = await worldWithGraph()
    const graph = (await announced(world)).find(({ of }) => of === 'graph')
    const { blobs } = world.ports
    await blobs.delete(graph!.blob)
    const instance = stopLater(await caughtUpInstance(world, often, { createIndex }))
    expect(world.reported).toEqual([expect.objectContaining({ code: 'store-failed' })])
    expect(neighboursOf(instance)).toEqual(neighbours)
    await until(async () => (await announced(world)).filter(({ of }) => of === 'graph').length === 2)
  })
})
