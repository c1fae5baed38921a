import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import {
  announced,
  caughtUpInstance,
  countedScans,
  knowledge,
  never,
  often,
  openWorld,
  scannedKnowledge,
  stopLater,
  until,
  writeBase,
} from './bases-world.fixture.ts'
import { film, films, servingWorld, type ServingWorld } from './serving-world.fixture.ts'

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

  /** How an instance begins: whether it knows all, how often it read all rows, and what it reported. */
  async function begin(world: ServingWorld) {
    const counted = countedScans(world)
    const instance = stopLater(await caughtUpInstance(world, never, { features: counted.features }))
    const codes = world.reported.map((error) => (error instanceof Error && 'code' in error ? error.code : error))
    return {
      isWhole: isDeepStrictEqual(knowledge(instance), await scannedKnowledge(world)),
      scans: counted.scans(),
      codes,
    }
  }

  it('the notices since the base have left the log', async () => {
    const world = await worldWithBase()
    await world.folded()
    await world.log.retain(Date.now() + 8 * 86_400_000)
    expect(await begin(world)).toEqual({ isWhole: true, scans: 2, codes: ['log-truncated'] })
  })

  it('a part of the base is missing', async () => {
    const world = await worldWithBase()
    const [base] = await announced(world)
    const { blobs } = world.ports
    const manifest = await blobs.get(base!.blob)
    const { items } = JSON.parse(new TextDecoder().decode(manifest!.subarray(24)).replace(/\0+$/, ''))
    await blobs.delete(items[0])
    expect(await begin(world)).toEqual({ isWhole: true, scans: 2, codes: ['store-failed'] })
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
    expect(await begin(world)).toEqual({ isWhole: true, scans: 2, codes: [code, 'store-failed'] })
  })

  it('the base is of another rows generation', async () => {
    const world = await openWorld()
    await writeBase(world, { rows: 'rows-0' })
    expect(await begin(world)).toEqual({ isWhole: true, scans: 2, codes: [] })
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
    expect(await begin(world)).toEqual({ isWhole: true, scans: 2, codes: ['ECONNREFUSED'] })
  })
})
