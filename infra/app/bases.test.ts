import * as fc from 'fast-check'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { ReadModel } from '#serving/read-model/read-model.ts'
import {
  announced,
  caughtUpInstance,
  countedScans,
  instanceOf,
  knowledge,
  never,
  often,
  once,
  scannedKnowledge,
  until,
  writeBase,
} from './bases-world.fixture.ts'
import { film, films, servingWorld, type ServingWorld } from './serving-world.fixture.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function openWorld(): Promise<ServingWorld> {
  const world = await servingWorld()
  closing.push(() => world.stop())
  await world.put(films[0]!, film(0))
  return world
}

function stopLater(instance: ReadModel): ReadModel {
  closing.push(() => instance.stop())
  return instance
}

type Step =
  | { readonly type: 'rate'; readonly user: string; readonly item: string; readonly value: number }
  | { readonly type: 'put'; readonly item: string; readonly available: boolean; readonly n: number }
  | { readonly type: 'remove'; readonly item: string }
  | { readonly type: 'erase'; readonly user: string }
  | { readonly type: 'vector'; readonly item: string; readonly x: number }
  | { readonly type: 'publish' }

const user = fc.constantFrom('ann', 'bob', 'cat')
/** Some outside every model. One is never removed: an empty catalogue serves whatever was not seen to go. */
const item = fc.constantFrom(...films.slice(1, 4), 'new-1', 'new-2')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('rate' as const), user, item, value: fc.constantFrom(1, 5) }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('put' as const), item, available: fc.boolean(), n: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), item }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('erase' as const), user }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('vector' as const), item, x: fc.float({ noNaN: true, min: -2, max: 2 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('publish' as const) }) },
)

const itsOwn: Step[] = [
  { type: 'publish' },
  { type: 'put', item: 'new-1', available: true, n: 1 },
  { type: 'vector', item: 'new-1', x: 1 },
  { type: 'rate', user: 'ann', item: 'new-1', value: 5 },
  { type: 'rate', user: 'ann', item: films[1]!, value: 5 },
]

async function take(world: ServingWorld, steps: readonly Step[]): Promise<void> {
  for (const taken of steps) {
    switch (taken.type) {
      case 'rate':
        await world.rate(taken.user, taken.item, taken.value)
        break
      case 'put':
        await world.put(taken.item, film(taken.n, { available: taken.available }))
        break
      case 'remove':
        await world.remove(taken.item)
        break
      case 'erase':
        await world.erase(taken.user)
        break
      case 'vector':
        await world.append('item-vectors', taken.item, {
          type: 'item-vector',
          itemId: taken.item,
          modelVersion: 'm1',
          madeFrom: 'fold-in',
          vector: Float32Array.of(taken.x, 1),
          positions: [],
        })
        break
      case 'publish':
        if ((await world.ports.models.get('m1')) === undefined) await world.publish('m1', new Map(), 8)
    }
  }
}

describe('An instance that begins with a base', () => {
  it('knows, with the tail, exactly what one knows that reads all rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { maxLength: 12 }),
        async (before, meanwhile, after) => {
          const world = await servingWorld()
          await world.put(films[0]!, film(0))
          await take(world, before)
          const writer = await caughtUpInstance(world, often)
          await take(world, meanwhile)
          await world.folded()
          await until(async () => (await announced(world)).length > 0)
          await writer.stop()
          await take(world, after)
          const counted = countedScans(world)
          const instance = await caughtUpInstance(world, never, { features: counted.features })
          expect(counted.scans()).toBe(0)
          expect(knowledge(instance)).toEqual(await scannedKnowledge(world))
          expect(world.reported).toEqual([])
          await instance.stop()
          await world.stop()
        },
      ),
      { numRuns: 40, examples: [[itsOwn, [], [{ type: 'vector', item: 'new-1', x: 2 }]]] },
    )
  }, 120_000)

  it('goes on from the log: what changes later is served', async () => {
    const world = await openWorld()
    await world.publish('m1')
    await world.rate('ann', films[1]!, 5)
    await writeBase(world)
    const instance = stopLater(await caughtUpInstance(world, never))
    await world.put(films[1]!, film(1, { title: 'Another name' }))
    await world.remove(films[0]!)
    await world.folded()
    await instance.caughtUp()
    expect(instance.items.find(films[1]!)?.entry?.item.title).toBe('Another name')
    expect(instance.items.find(films[0]!)?.entry).toBeUndefined()
    expect(knowledge(instance)).toEqual(await scannedKnowledge(world))
  })

  it('takes one of many items, in several segments, and writes the like of it again', async () => {
    const world = await openWorld()
    for (let n = 0; n < 600; n++) {
      await world.put(`item-${n}`, { ...blankItem, title: `Item ${n}`, description: `${n} `.repeat(1_000) })
    }
    await writeBase(world)
    await world.put('one more', film(1))
    await writeBase(world)
    const counted = countedScans(world)
    const instance = stopLater(await caughtUpInstance(world, never, { features: counted.features }))
    expect(counted.scans()).toBe(0)
    expect(knowledge(instance)).toEqual(await scannedKnowledge(world))
  })
})

describe('All rows are read, and the same is known, where', () => {
  async function worldWithBase(): Promise<ServingWorld> {
    const world = await openWorld()
    await world.publish('m1')
    for (const [n, itemId] of films.entries()) await world.put(itemId, film(n))
    for (const name of ['ann', 'bob']) for (const itemId of films.slice(0, 5)) await world.rate(name, itemId, 5)
    await writeBase(world)
    await world.remove(films[3]!)
    return world
  }

  async function expectScan(world: ServingWorld, codes: readonly string[]): Promise<void> {
    const counted = countedScans(world)
    const instance = stopLater(await caughtUpInstance(world, never, { features: counted.features }))
    expect(counted.scans()).toBe(2)
    expect(world.reported).toEqual(codes.map((code) => expect.objectContaining({ code })))
    expect(knowledge(instance)).toEqual(await scannedKnowledge(world))
  }

  it('the notices since the base have left the log', async () => {
    const world = await worldWithBase()
    await world.folded()
    await world.log.retain(Date.now() + 8 * 86_400_000)
    await expectScan(world, ['log-truncated'])
  })

  it('a part of the base is missing', async () => {
    const world = await worldWithBase()
    const [base] = await announced(world)
    const { blobs } = world.ports
    const manifest = await blobs.get(base!.blob)
    const { items } = JSON.parse(new TextDecoder().decode(manifest!.subarray(24)).replace(/\0+$/, ''))
    await blobs.delete(items[0])
    await expectScan(world, ['store-failed'])
  })

  it.each([
    { how: 'cut', change: (bytes: Uint8Array) => bytes.subarray(0, -16), code: 'record-unreadable' },
    { how: 'of a format to come', change: (bytes: Uint8Array) => bytes.with(8, 9), code: 'format-unsupported' },
    { how: 'something else', change: () => new Uint8Array(100), code: 'record-unreadable' },
  ])('the manifest is $how', async ({ change, code }) => {
    const world = await worldWithBase()
    const { blobs } = world.ports
    const [base] = await announced(world)
    const blob = await blobs.put(change((await blobs.get(base!.blob))!))
    await blobs.delete(base!.blob)
    await world.append('models', '', { type: 'base', of: 'items', name: 'rows-1', blob, at: Date.now() })
    await expectScan(world, [code, 'store-failed'])
  })

  it('the base is of another rows generation', async () => {
    const world = await openWorld()
    await writeBase(world, { rows: 'rows-0' })
    await expectScan(world, [])
  })

  it('the blob store does not answer', async () => {
    const world = await worldWithBase()
    const { blobs } = world.ports
    const get = blobs.get.bind(blobs)
    const [base] = await announced(world)
    blobs.get = async (digest) => {
      if (digest === base!.blob) throw Object.assign(new Error('no answer'), { code: 'ECONNREFUSED' })
      return get(digest)
    }
    await expectScan(world, ['ECONNREFUSED'])
  })
})

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
    const clock = { now: world.ports.clock.now, sleep: () => setImmediate() }
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
    const leases = { acquire: async () => void asked++ as undefined }
    stopLater(await caughtUpInstance(world, often, { leases }))
    await until(() => asked > 3)
    stopLater(await caughtUpInstance(world, { ...often, baseFrom: 2 }, { leases: world.ports.leases }))
    await until(() => asked > 100)
    expect(await announced(world)).toEqual([])
  })

  it('are given up when the lease is lost', async () => {
    const world = await openWorld()
    let now = Date.now()
    const clock = { now: () => (now += 30_000), sleep: world.ports.clock.sleep }
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
