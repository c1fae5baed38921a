import { plainConfidence } from '#schemas/models/preference.ts'
import { publishModel, switchTo } from '#batch/publish.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { contentDimension, plainContent } from '#schemas/models/content-features.ts'
import type { Model } from '#schemas/models/model.ts'
import type { RowWrite } from '#schemas/ports/state-store.ts'
import { blankCatalogueRow } from '#schemas/rows/catalogue-rows.ts'
import { blankItemStatistics } from '#schemas/rows/item-statistics.ts'
import { loadConfig } from '../app/config.ts'
import { openEmbedded } from '../app/embedded.ts'
import type { Parts } from '../app/parts.ts'
import { generationOf } from '../app/training.ts'

export interface GeneratedShop {
  readonly items: number
  readonly factors: number
  readonly seed: number
}

/** Source partitions that know of an item, and what each of them knows. */
const partial = 2
const coViews = 30
const users = 16
const rowsAtOnce = 5_000
const since = Date.UTC(2026, 0)

/**
 * Fills a data folder with the rows and the model of a shop that nobody shopped in: titles of a vocabulary that is used as
 * words are, factors whose length falls with popularity. No events: only what is read at a start is there.
 */
export async function generateShop(dataDir: string, shop: GeneratedShop): Promise<void> {
  const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir } }))
  try {
    const random = seededRandom(shop.seed)
    for (let from = 0; from < shop.items; from += rowsAtOnce) {
      const rows: RowWrite[] = []
      for (let n = from; n < Math.min(shop.items, from + rowsAtOnce); n++) rows.push(...rowsOf(n, shop, parts, random))
      await parts.store.write(rows)
    }
    const model = modelOf(shop, random)
    const facts = {
      createdAt: since,
      settings: {},
      metrics: {},
      positions: [],
      users: 1,
      items: 1,
      interactions: 1,
      seconds: 1,
    }
    const lists = { version: model.version, users: new Map(), categories: new Map() }
    await publishModel(parts, { run: 'generated', model, lists, facts })
    const generation = generationOf(parts.rows, model.version)
    await switchTo(parts, { version: model.version, generation, positions: [], reason: 'generated' })
  } finally {
    await parts.close()
  }
}

function rowsOf(n: number, shop: GeneratedShop, { codec }: Parts, random: () => number): RowWrite[] {
  const catalogue = {
    ...blankCatalogueRow(),
    epoch: 1,
    offset: n,
    item: itemOf(random),
    firstSeenAt: since + n,
    updatedAt: since + n,
  }
  const rows: RowWrite[] = [
    { table: 'catalogue', key: idOf(n), part: 0, epoch: 1, offset: n, bytes: codec.encodeRow('catalogue', catalogue) },
  ]
  const popularity = shop.items / (n + 10)
  for (let part = 0; part < partial; part++) {
    const row = {
      ...blankItemStatistics(),
      epoch: 1,
      partition: part,
      offset: n,
      time: since + Math.floor(random() * 1e9),
      actions: [{ action: 'view', fast: popularity * random(), slow: popularity, total: Math.ceil(popularity) }],
      coViews: new Map(
        Array.from({ length: coViews }, () => [
          idOf(skewed(random, shop.items)),
          { count: 1 + skewed(random, 50), error: 0 },
        ]),
      ),
      users: Array.from({ length: users }, () => ({
        userId: `user-${Math.floor(random() * 1e6)}`,
        weight: 1,
        offset: n,
      })),
    }
    rows.push({
      table: 'item-statistics',
      key: idOf(n),
      part,
      epoch: 1,
      offset: n,
      bytes: codec.encodeRow('item-statistics', row),
    })
  }
  return rows
}

function itemOf(random: () => number): Item {
  const words = (count: number, vocabulary: number) =>
    Array.from({ length: count }, () => `word${skewed(random, vocabulary)}`)
  return {
    ...blankItem,
    title: words(4, 30_000).join(' '),
    description: words(25, 30_000).join(' '),
    categories: [`category-${skewed(random, 40)}`],
    tags: [`tag-${skewed(random, 2_000)}`, `tag-${skewed(random, 2_000)}`],
    price: Math.round(10_000 * random()) / 100,
  }
}

function modelOf({ items, factors: k }: GeneratedShop, random: () => number): Model {
  const normal = () => random() + random() + random() - 1.5
  const identity = Float64Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 1 : 0))
  const itemFactors = new Float32Array(items * k)
  for (let n = 0; n < items; n++) {
    const length = 1 / Math.log2(n + 4)
    for (let i = 0; i < k; i++) itemFactors[n * k + i] = length * normal()
  }
  return {
    version: 'generated',
    k,
    alpha0: 0.1,
    lambda: 0.1,
    nu: 1,
    ...plainConfidence,
    items,
    users: 1,
    gramian: identity,
    userGramian: identity,
    itemIds: Array.from({ length: items }, (_, n) => idOf(n)),
    itemFactors,
    itemCounts: new Uint32Array(items).fill(100),
    contentSpace: plainContent,
    profile: new Float32Array(0),
    content: Float32Array.from({ length: contentDimension * k }, () => 0.01 * normal()),
  }
}

export function idOf(n: number): string {
  return `item-${String(n).padStart(7, '0')}`
}

/** Small integers often, large ones seldom. */
function skewed(random: () => number, below: number): number {
  return Math.floor(below * random() ** 3)
}
