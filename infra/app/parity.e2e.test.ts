import { describe, expect, it } from 'vitest'
import type { Histories } from '#batch/histories.ts'
import { readHistories } from '#batch/read-histories.ts'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { eventTime } from '#schemas/events/interactions.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import type { Position } from '#schemas/position.ts'
import { defaultFoldSettings as settings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { randomLog } from './fold-model/random-log.fixture.ts'
import { interaction } from './training/training.fixture.ts'

const codec = avroCodec()
const clock = systemClock()
const partitions = 3

interface Entry {
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  readonly time: number
  readonly offset: number
}

type ByUser = ReadonlyMap<string, readonly Entry[]>

/** What the batch job sees of each user. */
function ofBatch(histories: Histories): ByUser {
  const entryAt = (at: number): Entry => ({
    itemId: histories.itemIds[histories.items[at]!]!,
    action: histories.actionNames[histories.actions[at]!]!,
    value: Number.isNaN(histories.values[at]) ? null : histories.values[at]!,
    time: histories.times[at]!,
    offset: histories.offsets[at]!,
  })
  return new Map(
    histories.userIds.map((userId, user) => {
      const [from, to] = [histories.starts[user]!, histories.starts[user + 1]!]
      return [userId, Array.from({ length: to - from }, (_, n) => entryAt(from + n))]
    }),
  )
}

/** What serving sees of each user whose partition is at the position now. */
async function ofServing(features: FeatureStore, partition: number): Promise<ByUser> {
  const found = new Map<string, Entry[]>()
  for await (const page of features.users()) {
    for (const { userId } of page) {
      if (partitionOf(userId, partitions) !== partition) continue
      const { history } = (await features.user(userId))!
      const entries = history.map(({ itemId, action, value, offset, ...times }) => {
        return { itemId, action, value, time: eventTime(times), offset }
      })
      if (entries.length > 0) found.set(userId, entries)
    }
  }
  return found
}

/** A log of bursts, repeats, imports, erasures and adoptions, and one user with more interactions than count. */
async function eventfulLog(seed: number) {
  const log = memoryEventLog({ partitions })
  await randomLog({ random: seededRandom(seed), log, codec, users: 9, items: 12, size: 250 })
  const busy = Array.from({ length: 1_500 }, (_, n) => interaction('busy', `i${n % 40}`, n + 1))
  const erase = { type: 'erase', id: 'forget', userId: 'busy', occurredAt: 3_000, acceptedAt: 3_000 } as const
  const again = busy.map((event, n) => ({ ...event, id: `again ${n}`, acceptedAt: 4_000 }))
  const events = [...busy, ...busy.slice(0, 50), erase, ...again.slice(0, 1_200)]
  await log.append(
    'interactions',
    events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
  )
  return log
}

describe('Live features and batch features as of the same positions', () => {
  it.each([1, 2, 3])('are the same, wherever one stops to compare (seed %i)', async (seed) => {
    const log = await eventfulLog(seed)
    const random = seededRandom(seed)
    const store = memoryStateStore()
    const features = rowFeatureStore({ store, codec })
    const seen: { readonly at: Position; readonly live: ByUser }[] = []

    async function look(at: Position): Promise<void> {
      seen.push({ at, live: await ofServing(features, at.partition) })
    }

    /** The task waits in its checkpoint while the live features are looked at: its rows are those of the position. */
    const watched = {
      ...store,
      async saveCheckpoint(task: string, position: Position) {
        if (random() < 0.06) await look(position)
        await store.saveCheckpoint(task, position)
      },
    }
    const ports = { log, store: watched, codec, clock, metrics: noMetrics, maxRecords: 9 }
    const processing = await startProcessing(interactionsProcessor(settings), ports)
    await processing.caughtUp()
    await processing.stop()

    const ends = (await log.bounds('interactions')).map(({ end, ...at }) => ({ ...at, offset: end }))
    for (const end of ends) await look(end)
    expect(seen.length).toBeGreaterThan(15)
    for (const { at, live } of seen) {
      const to = ends.map((end) => (end.partition === at.partition ? at : { ...end, offset: 0 }))
      const histories = await readHistories({ log, codec, settings, to })
      expect(ofBatch(histories)).toEqual(live)
    }
    expect(Math.max(...seen.flatMap(({ live }) => [...live.values()].map((entries) => entries.length)))).toBe(1_000)
  })
})
