import { describe, expect, it } from 'vitest'
import { memoryReadableTables } from '#infra/memory/readable-tables.ts'
import { MillraceError } from '#schemas/errors.ts'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import type { ReadableTables } from '#schemas/ports/readable-tables.ts'
import { itemsProcessor, profilesProcessor } from '#stream-processors/processors/catalogue.ts'
import { startReadableTables } from '#stream-processors/readable/readable-tables.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { streamWorld, type StreamWorld } from './stream-world.fixture.ts'

const erase = { type: 'erase', id: 'x', userId: 'ann', occurredAt: 900, acceptedAt: 900 } as const

function view(n: number, over: Partial<ReturnType<typeof interaction>> = {}) {
  return interaction({ id: `e${n}`, userId: 'ann', itemId: `film-${n}`, occurredAt: n, acceptedAt: n, ...over })
}

function world(tables: ReadableTables = memoryReadableTables()) {
  const stream = streamWorld()
  const { log, codec } = stream
  const start = (over: { readonly partitions?: readonly number[] } = {}) =>
    startReadableTables({ ...stream, tables, ...over })
  return {
    log,
    codec,
    start,
    append: (...events: readonly InteractionsEvent[]) => stream.append(...events),
    fold: () => stream.fold(),
    /** Folds all there is, then lets the tables follow. */
    follow: async () => {
      await stream.fold()
      await foldCatalogue(stream)
      const running = await start()
      await running.caughtUp()
      await running.stop()
    },
  }
}

async function foldCatalogue({ log, store, codec, metrics, clock }: StreamWorld): Promise<void> {
  const options = { log, store, codec, metrics, clock }
  const folds = await Promise.all([
    startProcessing(itemsProcessor(), options),
    startProcessing(profilesProcessor(), options),
  ])
  await Promise.all(folds.map((fold) => fold.caughtUp()))
  await Promise.all(folds.map((fold) => fold.stop()))
}

describe('The tables for people', () => {
  it('show each interaction once, however often it was sent', async () => {
    const tables = memoryReadableTables()
    const { append, follow } = world(tables)
    await append(view(1, { context: { device: 'tv' } }), view(2), view(1, { acceptedAt: 700, occurredAt: 700 }))
    await follow()
    expect(tables.interactions('ann')).toEqual([
      {
        userId: 'ann',
        eventId: 'e2',
        itemId: 'film-2',
        type: 'view',
        timestamp: 2,
        context: null,
        epoch: 1,
        offset: 1,
      },
      expect.objectContaining({ eventId: 'e1', timestamp: 1, context: { device: 'tv' } }),
    ])
  })

  it('show a history longer than what the head holds, and only the last 1,000 interactions without their repeats', async () => {
    const tables = memoryReadableTables()
    const { append, follow } = world(tables)
    await append(
      ...Array.from({ length: 1_200 }, (_, n) => view(n)),
      view(1_100, { occurredAt: 5_000, acceptedAt: 5_000 }),
    )
    await follow()
    expect(tables.interactions('ann')).toHaveLength(1_200)
  })

  it('say what is known of a user and of an item', async () => {
    const tables = memoryReadableTables()
    const { append, log, codec, follow } = world(tables)
    await append(
      view(1, { itemId: 'film' }),
      view(2, { itemId: 'film', action: 'like' }),
      view(3, { userId: 'bob', itemId: 'film' }),
    )
    const envelope = { id: '1', occurredAt: 5, acceptedAt: 5 }
    const item = { ...blankItem, title: 'Film', categories: ['drama'], price: 3, attributes: { year: 1999 } }
    const upsert = { ...envelope, type: 'upsert', itemId: 'film', source: null, sequence: null, item } as const
    const profile = { attributes: { age: 41 }, interests: ['war'] }
    await log.append('items', [{ key: 'film', value: codec.encodeEvent('items', upsert) }])
    await log.append('profiles', [
      { key: 'ann', value: codec.encodeEvent('profiles', { ...envelope, type: 'upsert', userId: 'ann', profile }) },
    ])
    await follow()
    expect(tables.features('user', 'ann')).toEqual({
      'activity.interactions': '2',
      'activity.last_interaction_at': '1970-01-01T00:00:00.002Z',
      'activity.session_interactions': '2',
      'activity.recent_items': '["film","film"]',
      'activity.view_count': '1',
      'activity.like_count': '1',
      'profile.interests': '["war"]',
      'profile.attributes.age': '41',
    })
    expect(tables.features('item', 'film')).toEqual({
      'catalogue.title': 'Film',
      'catalogue.categories': '["drama"]',
      'catalogue.tags': '[]',
      'catalogue.available': 'true',
      'catalogue.price': '3',
      'catalogue.attributes.year': '1999',
      'statistics.last_interaction_at': '1970-01-01T00:00:00.003Z',
      'statistics.view_count': '2',
      'statistics.like_count': '1',
    })
    const gone = { ...envelope, type: 'delete', itemId: 'film', source: null, sequence: null } as const
    await log.append('items', [{ key: 'film', value: codec.encodeEvent('items', gone) }])
    await follow()
    expect(Object.keys(tables.features('item', 'film')).filter((name) => name.startsWith('catalogue.'))).toEqual([])
  })

  it('forget a user who was erased, and show what comes after', async () => {
    const tables = memoryReadableTables()
    const { append, follow } = world(tables)
    await append(view(1), view(2), view(3, { userId: 'bob' }))
    await follow()
    expect(tables.interactions('ann')).toHaveLength(2)
    await append(erase)
    await follow()
    expect(tables.interactions('ann')).toEqual([])
    expect(tables.features('user', 'ann')).toEqual({})
    await append(view(4))
    await follow()
    expect(tables.interactions('ann').map(({ eventId }) => eventId)).toEqual(['e4'])
    expect(tables.features('user', 'ann')).toMatchObject({ 'activity.interactions': '1' })
    expect(tables.interactions('bob')).toHaveLength(1)
  })

  it('show what a user took over from a guest', async () => {
    const tables = memoryReadableTables()
    const { append, follow } = world(tables)
    const { id, itemId, action, value, occurredAt, acceptedAt } = view(1)
    const history = [{ id, itemId, action, value, occurredAt, acceptedAt, guestOffset: 0 }]
    const adopt = { type: 'adopt', id: 'a', userId: 'ann', guestId: 'guest', basedOn: -1, history } as const
    await append({ ...adopt, occurredAt: 5, acceptedAt: 5 })
    await append({ ...adopt, id: 'again', occurredAt: 6, acceptedAt: 6 })
    await follow()
    expect(tables.interactions('ann').map(({ eventId, timestamp }) => [eventId, timestamp])).toEqual([['e1', 1]])
  })

  it('go on from their checkpoints, and carry again what a failure has left in doubt', async () => {
    const tables = memoryReadableTables()
    const given: string[] = []
    let failures = 2
    const flaky: ReadableTables = {
      ...tables,
      async putInteractions(rows) {
        given.push(...rows.map(({ eventId }) => eventId))
        if (failures-- > 0) throw new MillraceError('store-failed', 'down', { retriable: true })
        await tables.putInteractions(rows)
      },
    }
    const { append, follow } = world(flaky)
    await append(view(1))
    await follow()
    await append(view(2))
    await follow()
    expect(given).toEqual(['e1', 'e1', 'e1', 'e2'])
    expect(tables.interactions('ann').map(({ eventId }) => eventId)).toEqual(['e2', 'e1'])
  })

  it('wait for the fold, and carry only the partitions that are owned', async () => {
    const tables = memoryReadableTables()
    const { append, fold, start, log } = world(tables)
    await append(...['ann', 'bob', 'eve', 'joe'].map((userId, n) => view(n, { userId })))
    const [, one] = await log.bounds('interactions')
    const running = await start({ partitions: [one!.partition] })
    expect(['ann', 'bob', 'eve', 'joe'].flatMap((userId) => tables.interactions(userId))).toEqual([])
    await fold()
    await running.caughtUp()
    expect(['ann', 'bob', 'eve', 'joe'].flatMap((userId) => tables.interactions(userId))).toHaveLength(one!.end)
    await running.own([0, 1])
    await running.caughtUp()
    expect(['ann', 'bob', 'eve', 'joe'].flatMap((userId) => tables.interactions(userId))).toHaveLength(4)
    await running.stop()
  })

  it('stop at once while they wait for a fold that does not come', async () => {
    const { append, start } = world()
    await append(view(1))
    const running = await start()
    await running.stop()
    await expect(running.ended).resolves.toBeUndefined()
  })
})
