import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Histories } from '#batch/histories.ts'
import { readHistories } from '#batch/read-histories.ts'
import { eventTime, type InteractionsEvent } from '#schemas/events/interactions.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import type { Position } from '#schemas/position.ts'
import type { RowKey } from '#schemas/rows/tables.ts'
import { defaultFoldSettings, rowLimits } from '#schemas/settings.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { interaction, trainingWorld } from './training.fixture.ts'

/** Small bounds, so that short logs reach chunks, their ring and the cap on a history. */
const settings = {
  ...defaultFoldSettings,
  limits: { ...rowLimits, head: 4, chunks: 3, history: 10 },
}

type World = ReturnType<typeof trainingWorld>

/** Each user's entries as plain values, by user. */
function byUser(histories: Histories): Map<string, object[]> {
  return new Map(
    histories.userIds.map((userId, user) => {
      const entries: object[] = []
      for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
        entries.push({
          itemId: histories.itemIds[histories.items[entry]!],
          action: histories.actionNames[histories.actions[entry]!],
          value: Number.isNaN(histories.values[entry]) ? null : histories.values[entry],
          time: histories.times[entry],
          offset: histories.offsets[entry],
        })
      }
      return [userId, entries]
    }),
  )
}

/** The same from rows written to a store and read back through the feature store, as serving reads them. */
async function liveByUser({ log, codec }: World, to?: readonly Position[]): Promise<Map<string, object[]>> {
  const store = memoryStateStore()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    const rows = mapRows()
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        if (offset >= (to?.[partition]?.offset ?? Infinity)) break
        const event = codec.decodeEvent('interactions', value)
        foldInteractions(rows, event, { epoch, partition, offset, acceptedAt: event.acceptedAt }, settings)
      }
    }
    const tables = ['user-heads', 'user-chunks'] as const
    for (const table of tables) {
      for (const { key, part, row } of rows.entries(table)) {
        const at: RowKey = { table, key, part }
        await store.write([{ ...at, epoch, offset: row.offset, bytes: codec.encodeRow(table, row) }])
      }
    }
  }
  const features = rowFeatureStore({ store, codec, limits: settings.limits })
  const found = new Map<string, object[]>()
  for await (const users of features.users()) {
    for (const { userId } of users) {
      const history = (await features.user(userId))!.history
      const entries = history.map((entry) => ({
        itemId: entry.itemId,
        action: entry.action,
        value: entry.value,
        time: eventTime(entry),
        offset: entry.offset,
      }))
      if (entries.length > 0) found.set(userId, entries)
    }
  }
  return found
}

function sorted(users: Map<string, object[]>): [string, object[]][] {
  return [...users].sort(([a], [b]) => (a < b ? -1 : 1))
}

const userIds = ['u1', 'u2', 'u3'] as const
const anyEvent = fc.oneof(
  {
    weight: 20,
    arbitrary: fc
      .record({
        user: fc.constantFrom(...userIds),
        item: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        time: fc.integer({ min: 1, max: 60 }),
      })
      .map(({ user, item, time }) => interaction(user, item, time)),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ user: fc.constantFrom(...userIds), time: fc.integer({ min: 1, max: 60 }) })
      .map(({ user, time }): InteractionsEvent => {
        return { type: 'erase', id: `erase ${user} ${time}`, userId: user, occurredAt: time, acceptedAt: time }
      }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ user: fc.constantFrom(...userIds), guestOffset: fc.integer({ min: 0, max: 5 }) })
      .map(({ user, guestOffset }): InteractionsEvent => {
        const carried = { itemId: 'g', action: 'view', value: null, occurredAt: 1, acceptedAt: 1, guestOffset }
        return {
          type: 'adopt',
          id: `adopt ${user} ${guestOffset}`,
          userId: user,
          occurredAt: 50,
          acceptedAt: 50,
          guestId: 'guest',
          basedOn: -1,
          history: [{ ...carried, id: `guest ${guestOffset}` }],
        }
      }),
  },
)
const anyLog = fc.array(anyEvent, { maxLength: 120 })

describe('The histories of a training', () => {
  it('are those of the live rows, whatever repeats, erasures, adoptions and overflows the log holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, async (events) => {
        const world = trainingWorld()
        await world.append(events)
        const histories = await readHistories({ ...world, settings })
        expect(sorted(byUser(histories))).toEqual(sorted(await liveByUser(world)))
      }),
      { numRuns: 60 },
    )
  })

  it('as of positions are those of a fold that stopped there', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, anyLog, async (before, after) => {
        const world = trainingWorld()
        await world.append(before)
        const ends = (await world.log.bounds('interactions')).map(({ end, ...at }) => ({ ...at, offset: end }))
        const then = sorted(byUser(await readHistories({ ...world, settings })))
        await world.append(after)
        const histories = await readHistories({ ...world, settings, to: ends })
        expect(histories.positions).toEqual(ends)
        expect(sorted(byUser(histories))).toEqual(then)
        expect(then).toEqual(sorted(await liveByUser(world, ends)))
      }),
      { numRuns: 30 },
    )
  })

  it('count an event that was sent many times once, and keep the last interactions only', async () => {
    const world = trainingWorld()
    const twelve = Array.from({ length: 12 }, (_, i) => interaction('u', `item ${i}`, i + 1))
    await world.append([...twelve, ...twelve, ...twelve])
    const items = byUser(await readHistories({ ...world, settings })).get('u')
    expect(items).toMatchObject(twelve.slice(-10).map(({ occurredAt }) => ({ time: occurredAt })))
  })

  it('pass over what cannot be read and what the live fold puts aside, and count it', async () => {
    const world = trainingWorld()
    await world.append([interaction('u', 'a', 1), interaction('u', 'bad', 2)])
    await world.log.append('interactions', [{ key: 'u', value: new Uint8Array([9, 9, 9]) }])
    await world.append([interaction('u', 'b', 3)])
    const histories = await readHistories({
      ...world,
      settings,
      faultOf: (event) => (event.type === 'interaction' && event.itemId === 'bad' ? 'bad' : undefined),
    })
    expect(histories.itemIds).toEqual(['a', 'b'])
    expect(histories.unreadable).toBe(2)
  })

  it('up to a position that the log has not reached are refused', async () => {
    const world = trainingWorld()
    const to = [{ epoch: 1, partition: 0, offset: 1 }]
    await expect(readHistories({ ...world, settings, to })).rejects.toMatchObject({ code: 'log-went-back' })
  })

  it('say how far the reading is', async () => {
    const world = trainingWorld()
    await world.append(Array.from({ length: 30 }, (_, i) => interaction(`u${i}`, 'a', i + 1)))
    const said: number[] = []
    await readHistories({ ...world, settings, onProgress: (done, total) => said.push(done / total) })
    expect(said.at(-1)).toBe(1)
    expect(said).toEqual(said.toSorted((a, b) => a - b))
  })
})
