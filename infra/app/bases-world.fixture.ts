import { setImmediate } from 'node:timers/promises'
import { afterEach, expect } from 'vitest'
import type { AnnouncedBase } from '#schemas/events/derived.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { defaultServingOptions, type ServingOptions } from '#serving/options.ts'
import type { ServingPorts } from '#serving/ports.ts'
import { startReadModel, type ReadModel } from '#serving/read-model/read-model.ts'
import { film, films, servingWorld, type ServingWorld } from './serving-world.fixture.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A world with one item in its catalogue; stopped after the test. */
export async function openWorld(): Promise<ServingWorld> {
  const world = await servingWorld()
  closing.push(() => world.stop())
  await world.put(films[0]!, film(0))
  return world
}

export function stopLater(instance: ReadModel): ReadModel {
  closing.push(() => instance.stop())
  return instance
}

/** Bases of whatever size, as soon as something has changed. */
export const often = { baseEveryMs: 1, baseFrom: 0 }
/** One base, as soon as an instance is ready. */
export const once = { baseEveryMs: 3_600_000, baseFrom: 0 }
export const never = { baseEveryMs: Infinity, baseFrom: 0 }

export async function instanceOf(
  world: ServingWorld,
  options: Partial<ServingOptions>,
  changed: Partial<ServingPorts> = {},
): Promise<ReadModel> {
  const key = { cursorKey: 'a key of more than sixteen bytes' }
  return startReadModel({ ...world.ports, ...changed }, { ...defaultServingOptions, ...key, ...options })
}

/** Starts an instance on all that is on the log so far. */
export async function caughtUpInstance(...given: Parameters<typeof instanceOf>): Promise<ReadModel> {
  const [world] = given
  await world.folded()
  const instance = await instanceOf(...given)
  await instance.caughtUp()
  return instance
}

/** Waits for what only time brings. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate()
}

/** An instance writes a base of what is known now, and stops. */
export async function writeBase(world: ServingWorld, changed: Partial<ServingPorts> = {}): Promise<void> {
  const before = (await announced(world)).length
  const writer = await caughtUpInstance(world, often, changed)
  await until(async () => (await announced(world)).length > before)
  await writer.stop()
}

/** Every base that was ever announced. */
export async function announced({ log, codec }: ServingWorld): Promise<AnnouncedBase[]> {
  const bases: AnnouncedBase[] = []
  for (const from of await log.bounds('models')) {
    for await (const batch of log.read('models', { ...from, offset: from.start })) {
      for (const { value } of batch) {
        const event = codec.decodeEvent('models', value)
        if (event.type === 'base') bases.push(event)
      }
    }
  }
  return bases
}

/** The features of a world, and how often all rows were read. */
export function countedScans({ ports }: ServingWorld): { readonly features: FeatureStore; scans(): number } {
  let scans = 0
  const features: FeatureStore = {
    ...ports.features,
    catalogue() {
      scans++
      return ports.features.catalogue()
    },
    statistics() {
      scans++
      return ports.features.statistics()
    },
  }
  return { features, scans: () => scans }
}

/** All that answers are made from, by item: what two instances that know the same agree on to the last bit. */
export function knowledge(instance: ReadModel) {
  const { items } = instance
  const model = instance.served()
  const ids = Array.from({ length: items.slots.size() }, (_, slot) => items.slots.idOf(slot)).sort()
  const idsOf = (slots: Iterable<number>) => Array.from(slots, (slot) => items.slots.idOf(slot))
  const lists = [undefined, ...items.categories().map(({ category }) => category)]
  const query = Float32Array.of(1, 0.5)
  const found = model?.index.searchExact(query, ids.length)
  return {
    items: ids
      .map((itemId) => {
        const { slot, entry, statistics } = items.find(itemId)!
        const coViews = items.coViews.before(slot).map((other) => [items.slots.idOf(other.slot), other.count])
        const vector = items.isServable(slot) ? model?.vectors.get(slot)?.slice() : undefined
        return { itemId, entry, statistics, coViews, servable: items.isServable(slot), vector }
      })
      // Ids alone, as of a co-viewed item whose own rows have gone, say nothing.
      .filter(({ entry, statistics }) => entry !== undefined || statistics !== undefined),
    categories: items.categories(),
    newest: idsOf(items.newest()),
    trends: lists.map((category) =>
      items.trending.list(category).map((trend) => ({ ...trend, slot: items.slots.idOf(trend.slot) })),
    ),
    version: model?.version,
    neighbours: found && Object.fromEntries(idsOf(found.slots).map((itemId, rank) => [itemId, found.scores[rank]])),
  }
}

/** An instance that reads all rows, whatever bases there are. */
export async function scannedKnowledge(world: ServingWorld): Promise<ReturnType<typeof knowledge>> {
  const counted = countedScans(world)
  const scanned = await caughtUpInstance(world, never, { rows: 'rows of another release', features: counted.features })
  expect(counted.scans()).toBe(2)
  const known = knowledge(scanned)
  await scanned.stop()
  return known
}
