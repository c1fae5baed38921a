import { blankInteraction, blankItem } from '../events/blank.fixture.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Item, ItemsEvent } from '../events/catalogue.ts'
import type { Interaction, InteractionsEvent } from '../events/interactions.ts'
import { foldItem, foldProfile } from '../fold/catalogue.ts'
import { foldInteractions } from '../fold/interactions.ts'
import { mapRows, type MapRows } from '../fold/map-rows.ts'
import type { TableName } from '../rows/tables.ts'
import { defaultFoldSettings } from '../settings.ts'
import type { Codec } from './codec.ts'
import type { FeatureStore } from './feature-store.ts'
import type { RowWrite, StateStore } from './state-store.ts'

export interface FeatureStoreUnderTest {
  readonly features: FeatureStore
  /** What it reads from. */
  readonly store: StateStore
  readonly codec: Codec
  dispose(): Promise<void>
}

/** What every feature store does. The rows are those that the real folds make. `open` makes an empty one. */
export function featureStoreContract(name: string, open: () => Promise<FeatureStoreUnderTest>): void {
  describe(`${name} as a feature store`, () => {
    let under: FeatureStoreUnderTest
    let features: FeatureStore
    beforeEach(async () => {
      under = await open()
      features = under.features
    })
    afterEach(async () => await under.dispose())

    async function save(rows: MapRows, tables?: readonly TableName[]): Promise<void> {
      const writes: RowWrite[] = []
      for (const { key, epoch, offset, bytes } of rows.encoded(under.codec)) {
        if (tables?.includes(key.table) !== false) writes.push({ ...key, epoch, offset, bytes })
      }
      await under.store.write(writes)
    }

    async function itemsOf(userId: string): Promise<readonly string[] | undefined> {
      return (await features.user(userId))?.history.map(({ itemId }) => itemId)
    }

    it('knows nothing of what was never folded', async () => {
      expect(await features.user('ann')).toBeUndefined()
      expect(await features.profile('ann')).toBeUndefined()
      expect(await features.catalogueEntry('film')).toBeUndefined()
      expect(await features.itemFeatures('film')).toEqual({ itemId: 'film', partial: [] })
      expect(await all(features.users())).toEqual([])
      expect(await features.foldedTo(0)).toBeUndefined()
    })

    it.each([1, 63, 64, 65, 128, 999, 1_000, 1_001, 1_088, 1_100, 2_200])(
      'answers the last 1,000 of %i interactions, oldest first',
      async (count) => {
        const rows = foldOf(views(0, count))
        await save(rows)
        const user = await features.user('ann')
        expect(user?.head).toEqual(rows.get('user-heads', 'ann', 0))
        expect(user?.history.map(({ itemId }) => itemId)).toEqual(items(Math.max(0, count - 1_000), count))
      },
    )

    it('leaves out a chunk that was written ahead of its head', async () => {
      await save(foldOf(views(0, 127)), ['user-heads', 'user-chunks'])
      await save(foldOf(views(0, 128)), ['user-chunks'])
      expect(await itemsOf('ann')).toEqual(items(0, 127))
    })

    it('leaves out a chunk written ahead that has taken the place of an old one', async () => {
      const last = 17 * 64 - 1
      await save(foldOf(views(0, last)), ['user-heads', 'user-chunks'])
      await save(foldOf(views(0, last + 1)), ['user-chunks'])
      expect(await itemsOf('ann')).toEqual(items(64, last).slice(-1_000))
    })

    it('leaves out chunks that have left the ring', async () => {
      await save(foldOf(views(0, 3 * 64)), ['user-chunks'])
      const count = 20 * 64 + 5
      await save(foldOf(views(0, count)), ['user-heads'])
      expect(await itemsOf('ann')).toEqual(items(count - 5, count))
    })

    it('answers only what came after an erase', async () => {
      await save(foldOf([...views(0, 200), erase, ...views(201, 271)]))
      expect(await itemsOf('ann')).toEqual(items(201, 271))
    })

    it('leaves out what an erase has voided, where a chunk of before is all it finds', async () => {
      await save(foldOf(views(0, 200)), ['user-chunks'])
      await save(foldOf([...views(0, 200), erase, ...views(201, 341)]), ['user-heads'])
      expect(await itemsOf('ann')).toEqual(items(201, 341).slice(-(140 % 64)))
    })

    it('leaves out chunks of after an erase that its head does not know of yet', async () => {
      await save(foldOf(views(0, 200)), ['user-heads'])
      await save(foldOf([...views(0, 200), erase, ...views(201, 341)]), ['user-chunks'])
      expect(await itemsOf('ann')).toEqual(items(0, 200).slice(-(200 % 64)))
    })

    it('answers a reader nothing older than what the reader has heard', async () => {
      expect(await features.user('ann', { user: -1, partition: -1 })).toBeUndefined()
      for (const count of [1, 64, 100, 1_100]) {
        const rows = foldOf(views(0, count))
        await save(rows)
        const heard = { user: count - 1, partition: count + 5 }
        for (let read = 0; read < 2; read++) {
          const user = await features.user('ann', heard)
          expect(user?.head).toEqual(rows.get('user-heads', 'ann', 0))
          expect(user?.history.map(({ itemId }) => itemId)).toEqual(items(Math.max(0, count - 1_000), count))
        }
      }
    })

    it('answers an empty history for a user who was erased', async () => {
      await save(foldOf([...views(0, 100), erase]))
      const user = await features.user('ann')
      expect(user?.history).toEqual([])
      expect(user?.head.erasedAt).toBe(100)
    })

    it("answers an item's partial rows in partition order, by key and by scan", async () => {
      for (const partition of [5, 0, 3]) {
        await save(foldOf([view('ann', 0, `other-${partition}`), view('ann', 1, 'film')], partition))
      }
      const { partial } = await features.itemFeatures('film')
      expect(partial.map((row) => row.partition)).toEqual([0, 3, 5])
      expect(partial[0]?.coViews).toEqual(new Map([['other-0', { count: 1, error: 0 }]]))
      const scanned = (await all(features.statistics())).toSorted((x, y) => order(x.itemId, y.itemId))
      expect(scanned.map(({ itemId }) => itemId)).toEqual(['film', 'other-0', 'other-3', 'other-5'])
      for (const item of scanned) expect(item).toEqual(await features.itemFeatures(item.itemId))
    })

    it('answers the catalogue without what was deleted', async () => {
      const rows = mapRows()
      const upserts = ['a', 'b', 'c'].map((itemId, i) => itemEvent(itemId, 10 + i))
      const events: readonly ItemsEvent[] = [...upserts, { ...itemEvent('b', 20), type: 'delete' }, itemEvent('c', 30)]
      for (const [offset, event] of events.entries()) foldItem(rows, event, at(offset, 0))
      await save(rows)
      const a = { itemId: 'a', item, firstSeenAt: 10, updatedAt: 10 }
      const c = { itemId: 'c', item, firstSeenAt: 12, updatedAt: 30 }
      const listed = await all(features.catalogue())
      expect(listed.toSorted((x, y) => order(x.itemId, y.itemId))).toEqual([a, c])
      expect(await features.catalogueEntry('c')).toEqual(c)
      expect(await features.catalogueEntry('b')).toBeUndefined()
    })

    it('answers a profile until it is deleted', async () => {
      const rows = mapRows()
      const profile = { attributes: { age: 41, member: true }, interests: ['drama'] }
      const event = { id: '1', userId: 'ann', occurredAt: 1, acceptedAt: 1 }
      foldProfile(rows, { ...event, type: 'upsert', profile }, at(0, 0))
      await save(rows)
      expect(await features.profile('ann')).toEqual(profile)
      foldProfile(rows, { ...event, type: 'delete' }, at(1, 0))
      await save(rows)
      expect(await features.profile('ann')).toBeUndefined()
    })

    it('names every user with a head', async () => {
      const rows = foldOf([view('ann', 0, 'film'), view('bob', 1, 'film')])
      await save(rows)
      const heads = (await all(features.users())).toSorted((x, y) => order(x.userId, y.userId))
      expect(heads.map(({ userId }) => userId)).toEqual(['ann', 'bob'])
      expect(heads[1]?.head).toEqual(rows.get('user-heads', 'bob', 0))
    })

    it('says how far the fold of interactions has come', async () => {
      await under.store.saveCheckpoint('interactions', { epoch: 1, partition: 3, offset: 99 })
      await under.store.saveCheckpoint('profiles', { epoch: 1, partition: 2, offset: 7 })
      expect(await Promise.all([2, 3].map((partition) => features.foldedTo(partition)))).toEqual([
        undefined,
        { epoch: 1, partition: 3, offset: 99 },
      ])
    })
  })
}

function at(offset: number, partition: number) {
  return { epoch: 1, partition, offset, acceptedAt: 1_000 + offset }
}

function foldOf(events: readonly InteractionsEvent[], partition = 0): MapRows {
  const rows = mapRows()
  for (const [offset, event] of events.entries()) {
    foldInteractions(rows, event, at(offset, partition), defaultFoldSettings)
  }
  return rows
}

function view(userId: string, n: number, itemId: string): Interaction {
  const time = 1_000 + n
  return { ...blankInteraction, id: `id-${n}`, userId, itemId, occurredAt: time, acceptedAt: time }
}

function views(from: number, to: number): Interaction[] {
  return items(from, to).map((itemId, i) => view('ann', from + i, itemId))
}

function items(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `item-${from + i}`)
}

const erase: InteractionsEvent = { type: 'erase', id: 'erase', userId: 'ann', occurredAt: 2_000, acceptedAt: 2_000 }

const item: Item = { ...blankItem, title: 'Film', categories: ['drama'], attributes: { year: 1999 } }

function itemEvent(itemId: string, acceptedAt: number): ItemsEvent {
  return { type: 'upsert', id: itemId, itemId, occurredAt: 1, acceptedAt, source: null, sequence: null, item }
}

async function all<Entry>(pages: AsyncIterable<readonly Entry[]>): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const page of pages) entries.push(...page)
  return entries
}

/** Stores scan in an order of their own. */
function order(a: string, b: string): number {
  return a < b ? -1 : 1
}
