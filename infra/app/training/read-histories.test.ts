import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Histories } from '#batch/histories.ts'
import { readHistories } from '#batch/read-histories.ts'
import { eventTime, type InteractionsEvent } from '#schemas/events/interactions.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { Position } from '#schemas/position.ts'
import type { RowKey } from '#schemas/rows/tables.ts'
import { dayMs, defaultFoldSettings, rowLimits } from '#schemas/settings.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { liveFaults } from '../live-faults.ts'
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

const faults = liveFaults(settings)

/** The same from rows written to a store and read back through the feature store, as serving reads them. */
async function liveByUser({ log, codec }: World, to?: readonly Position[]): Promise<Map<string, object[]>> {
  const store = memoryStateStore()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    const rows = mapRows()
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        if (offset >= (to?.[partition]?.offset ?? Infinity)) break
        const event = codec.decodeEvent('interactions', value)
        if (faults.faultOf(event, { partition, partitions: log.partitions('interactions') }) !== undefined) continue
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

/** Mostly the first of them. */
function mostly<T>(usual: fc.Arbitrary<T>, ...odd: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...odd) })
}

const anyInteraction = fc
  .record({
    userId: mostly(fc.constantFrom('u1', 'u2', 'ü3'), ''),
    itemId: mostly(fc.constantFrom('a', 'b', 'é', '\u{1F600}', 'x'.repeat(90)), '', 'x'.repeat(300)),
    id: mostly(fc.constantFrom('1', '2', '3', 'é'), 'x'.repeat(90), ''),
    action: fc.constantFrom('view', 'rating', 'new one'),
    value: mostly(fc.constantFrom(null, 0, 3.5, -0), Infinity, Number.NaN),
    ahead: fc.constantFrom(-5, 0, 7),
    context: fc.constantFrom(null, {}, { device: 'phone' }),
    source: fc.constantFrom(null, null, 'file', 'other file', 'third'),
    sequence: mostly(fc.nat({ max: 4 }), null),
    mended: fc.boolean(),
  })
  .map(({ ahead, ...given }): InteractionsEvent => {
    const isOfSession = ahead === 0
    return {
      ...given,
      type: 'interaction',
      occurredAt: 100 + ahead,
      acceptedAt: 100,
      sessionId: isOfSession ? 'session' : null,
      attribution: isOfSession ? { requestId: 'r', position: 3 } : null,
    }
  })

const anyAdoption = fc
  .record({ userId: fc.constantFrom('u1', 'u2'), basedOn: fc.constantFrom(-1, 40), first: fc.nat({ max: 20 }) })
  .map(({ userId, basedOn, first }): InteractionsEvent => {
    const at = { occurredAt: 100, acceptedAt: 100 }
    const carried = ['1', '2', '2'].map((id, n) => {
      return { itemId: 'g', action: 'view', value: 2, ...at, id, guestOffset: first + n }
    })
    return { type: 'adopt', id: `adopt ${first}`, userId, ...at, guestId: 'guest', basedOn, history: carried }
  })

/** What clients and importers send, and what other programs might; some days later each. */
const anySent = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 12, arbitrary: anyInteraction },
        { weight: 1, arbitrary: anyAdoption },
        { weight: 2, arbitrary: anyEvent },
      ),
      fc.constantFrom(0, 0, 0, 1, 3, 7),
    ),
    { maxLength: 120, size: 'max' },
  )
  .map((given) => {
    let ms = 0
    return given.map(([event, days]): InteractionsEvent => {
      ms += days * dayMs
      return { ...event, occurredAt: event.occurredAt + ms, acceptedAt: event.acceptedAt + ms }
    })
  })

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

  it('are those of the live rows, whatever comes from outside, and as many events are put aside', async () => {
    await fc.assert(
      fc.asyncProperty(anySent, async (events) => {
        const world = trainingWorld()
        await world.append(events)
        const histories = await readHistories({ ...world, settings, ...faults })
        expect(sorted(byUser(histories))).toEqual(sorted(await liveByUser(world)))
        const whole = await readHistories({ ...world, settings, faultOf: faults.faultOf })
        expect(histories).toEqual(whole)
      }),
      { numRuns: 40 },
    )
  }, 30_000)

  it('put aside what stands on another partition than its own', async () => {
    const world = trainingWorld()
    const { log, codec } = world
    const home = partitionOf('u', log.partitions('interactions'))
    const other = ['a', 'b', 'c', 'd'].find((key) => partitionOf(key, log.partitions('interactions')) !== home)!
    const value = codec.encodeEvent('interactions', interaction('u', 'i', 1))
    await log.append('interactions', [{ key: other, value }])
    await world.append([interaction('u', 'j', 2)])
    const histories = await readHistories({ ...world, settings, ...faults })
    expect(histories).toMatchObject({ userIds: ['u'], itemIds: ['j'], unreadable: 1 })
  })

  it('tell of the contexts that events had, and of erasures', async () => {
    const world = trainingWorld()
    const context = { device: 'phone', ['__proto__']: 'ö' }
    const erase = { type: 'erase', id: 'e', userId: 'u', occurredAt: 3, acceptedAt: 3 } as const
    await world.append([interaction('u', 'a', 1), { ...interaction('u', 'b', 2), context } as InteractionsEvent, erase])
    const told: unknown[] = []
    await readHistories({ ...world, settings, ...faults, onEvent: (event) => told.push(event) })
    expect(told).toEqual([{ type: 'interaction', userId: 'u', context }, erase])
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
