import { describe, expect, it } from 'vitest'
import type { Item } from '#schemas/events/catalogue.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { blendWeights, columnOf, defaultScoreWeights, featureCount } from '#schemas/models/ranker.ts'
import { items as itemsOf } from '../read-model/items.ts'
import { slotVectors } from '../read-model/slot-vectors.ts'
import { bestCandidates, likenesses } from './pool.ts'
import { featuresInto, scoreOf } from './score.ts'
import { requestScratch } from './scratch.ts'

const count = 80
const categories = ['Drama', 'Comedy', 'War', 'Western']

describe('The pool of candidates', () => {
  it('holds what sorting all by their score puts first, with its features', () => {
    const { items, candidates } = world()
    const affinities = new Map([
      ['War', 0.6],
      ['Drama', 0.3],
      ['unheard of', 0.1],
    ])
    const taste = { folded: undefined, consumed: [], recent: [], affinities }
    const weights = blendWeights({ ...defaultScoreWeights, affinity: 0.5 })
    const scoring = { candidates, taste, model: undefined, items, weights }
    const rows = Array.from({ length: count }, (_, row) => row).filter((row) => row % 3 > 0)
    const features = featuresInto(new Float64Array(0), scoring, rows)
    const sorted = rows.map((row, i) => ({
      slot: candidates.slots[row]!,
      score: scoreOf(features, i * featureCount, weights),
      affinity: features[i * featureCount + columnOf.affinity]!,
    }))
    sorted.sort((a, b) => b.score - a.score || a.slot - b.slot)
    const best = sorted.slice(0, 20)
    const pool = bestCandidates(scoring, rows, 20)
    expect(pool.slots).toEqual(best.map(({ slot }) => slot))
    expect([...pool.scores]).toEqual(best.map(({ score }) => score))
    const affinityAt = (start: number) => pool.features[start + columnOf.affinity]
    expect(Array.from(pool.starts, affinityAt)).toEqual(best.map(({ affinity }) => affinity))
    const named = (slot: number) =>
      items.categoriesOf(slot).reduce((sum, category) => sum + (affinities.get(category) ?? 0), 0)
    for (const { slot, affinity } of sorted) expect(affinity).toBeCloseTo(named(slot), 12)
    expect(new Set(sorted.map(({ affinity }) => affinity)).size).toBe(4)
  })

  it('compares one candidate with all as it would them one by one', () => {
    const { items, vectors } = world()
    const slots = Array.from({ length: 40 }, (_, n) => 2 * n)
    const likeness = likenesses(items, vectors, slots)
    const byContent = likenesses(items, undefined, slots)
    for (const [at, a] of slots.entries()) {
      const content = slots.map((b) => items.content.similarity(a, b))
      expect([...byContent(at)]).toEqual(content)
      for (const [i, alike] of likeness(at).entries()) {
        expect(alike).toBeCloseTo((Math.max(0, vectors.cosine(a, slots[i]!)) + content[i]!) / 2, 6)
        expect(alike).toBeLessThanOrEqual(1)
      }
      expect(likeness(at)[at]).toBeCloseTo(vectors.has(a) ? 1 : 0.5, 6)
    }
  })
})

/** Films of random categories under random vectors; every tenth has none. */
function world() {
  const random = seededRandom(3)
  const items = itemsOf(defaultFoldSettings)
  const vectors = slotVectors(6, count)
  const scratch = requestScratch()
  scratch.begin(count)
  const { candidates } = scratch
  for (let slot = 0; slot < count; slot++) {
    const itemId = `film ${slot}`
    const entry = { itemId, item: filmOf(categories.filter(() => random() < 0.5)), firstSeenAt: 0, updatedAt: 0 }
    items.setEntry(itemId, entry)
    if (slot % 10 > 0)
      vectors.set(
        slot,
        Float32Array.from({ length: 6 }, () => random() - 0.3),
      )
  }
  for (let slot = count - 1; slot >= 0; slot--) {
    const row = candidates.add(slot)
    candidates.coViews[row] = Math.floor(4 * random()) / 4
  }
  return { items, vectors, candidates }
}

function filmOf(ofCategories: readonly string[]): Item {
  return {
    title: 'Film',
    description: null,
    categories: ofCategories,
    tags: [],
    attributes: {},
    price: null,
    currency: null,
    available: true,
    publishedAt: null,
    imageUrl: null,
    embedding: null,
    embeddingName: null,
  }
}
