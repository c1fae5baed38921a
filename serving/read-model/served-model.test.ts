import { expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import { plainContent } from '#schemas/models/content-features.ts'
import type { Model } from '#schemas/models/model.ts'
import { plainConfidence } from '#schemas/models/preference.ts'
import type { CreateVectorIndex } from '#schemas/ports/vector-index.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { items as knownItems } from './items.ts'
import { serveModel } from './served-model.ts'

const count = 5_000
const k = 2

const model: Model = {
  version: 'm',
  k,
  alpha0: 0.1,
  lambda: 0.1,
  nu: 1,
  ...plainConfidence,
  items: count,
  users: 1,
  gramian: new Float64Array(k * k),
  userGramian: new Float64Array(k * k),
  itemIds: Array.from({ length: count }, (_, n) => `item ${n}`),
  itemFactors: Float32Array.from({ length: count * k }, (_, i) => i),
  itemCounts: new Uint32Array(count).fill(100),
  contentSpace: plainContent,
  content: new Float32Array(0),
  profile: new Float32Array(0),
}

it('A model is made ready in many turns of the event loop, and holds every item that may be served', async () => {
  const items = knownItems(defaultFoldSettings)
  const entry = { item: blankItem, firstSeenAt: 0, updatedAt: 0 }
  for (const itemId of [...model.itemIds, 'cold']) items.setEntry(itemId, { ...entry, itemId })
  const given: { slots: Uint32Array; vectors: Float32Array }[] = []
  const createIndex: CreateVectorIndex = async ({ dimension, slots, vectors }) => {
    given.push({ slots, vectors })
    return {
      dimension,
      upsert() {},
      remove() {},
      search: () => ({ slots: new Uint32Array(0), scores: new Float32Array(0) }),
      searchExact: () => ({ slots: new Uint32Array(0), scores: new Float32Array(0) }),
      rebuild: async () => {},
      size: () => ({ base: slots.length, overlay: 0, masked: 0 }),
      base: () => undefined,
      kind: () => 'exact',
      close: async () => {},
    }
  }
  let turns = 0
  let isMade = false
  const countTurn = (): void => {
    turns++
    if (!isMade) setImmediate(countTurn)
  }
  setImmediate(countTurn)
  const served = await serveModel({
    name: { version: 'm', generation: 'g' },
    model,
    createdAt: 0,
    lists: undefined,
    ranker: undefined,
    encoder: undefined,
    items,
    streaming: new Map([['streamed', Float32Array.of(7, 8)]]),
    createIndex,
    from: undefined,
    report() {},
    contentVector: () => Float32Array.of(3, 4),
  })
  isMade = true
  expect(turns).toBeGreaterThan(10)
  expect(given).toMatchObject([{ slots: { length: count + 1 } }])
  const { slots, vectors } = given[0]!
  const vectorOf = (itemId: string) => {
    const row = slots.indexOf(items.obtain(itemId).slot)
    return Array.from(vectors.subarray(row * k, (row + 1) * k))
  }
  expect([vectorOf('item 0'), vectorOf('item 4999'), vectorOf('cold')]).toEqual([
    [0, 1],
    [9_998, 9_999],
    [3, 4],
  ])
  expect(served.vectors.get(items.obtain('streamed').slot)).toEqual(Float32Array.of(7, 8))
  expect(served.trainedOn(items.obtain('item 1').slot)).toBe(100)
})
