import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type {
  ReadableErasure,
  ReadableFeatures,
  ReadableInteraction,
  ReadableTables,
} from '#schemas/ports/readable-tables.ts'
import type { TailedRecord } from '#schemas/ports/tail.ts'
import type { Position } from '#schemas/position.ts'
import { startSink, type RunningSink, type Sink, type SinkOptions } from '../runtime/sink.ts'
import { countedInteractions } from './counted.ts'
import { activityFeatures, catalogueFeatures, profileFeatures, statisticsFeatures } from './feature-values.ts'

export interface ReadableTablesOptions extends SinkOptions {
  readonly features: Pick<FeatureStore, 'user' | 'profile' | 'catalogueEntry' | 'itemFeatures' | 'foldedTo'>
  readonly tables: ReadableTables
}

/** Rows read at a time: the tables may lag, and others need the store too. */
const readsUnderWay = 16
const pollMs = 100

/**
 * interactions, user-notices, item-notices → the tables for people. They follow the rows: an interaction is shown once the fold has
 * counted it, and repeats are not shown. What an erasure has removed stays away.
 */
export async function startReadableTables(options: ReadableTablesOptions): Promise<RunningSink> {
  const sinks = await Promise.all([
    startSink(interactionsSink(options), options),
    startSink(userFeaturesSink(options), options),
    startSink(itemFeaturesSink(options), options),
  ])
  const ended = Promise.all(sinks.map((sink) => sink.ended)).then(() => undefined)
  // Whoever asks how it ended hears of a failure; until then it is not an unhandled one.
  ended.catch(() => {})
  return {
    async own(partitions) {
      await Promise.all(sinks.map((sink) => sink.own(partitions)))
    },
    async caughtUp() {
      await Promise.all(sinks.map((sink) => sink.caughtUp()))
    },
    async stop() {
      await Promise.allSettled(sinks.map((sink) => sink.stop()))
      await ended
    },
    ended,
  }
}

function interactionsSink({ features, tables, clock }: ReadableTablesOptions): Sink<'interactions'> {
  async function folded({ epoch, partition, offset }: Position, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const to = await features.foldedTo(partition)
      if (to !== undefined && (to.epoch > epoch || (to.epoch === epoch && to.offset >= offset))) return
      await clock.sleep(pollMs, signal)
    }
  }

  return {
    name: 'readable interactions',
    topic: 'interactions',
    async apply(records, next, signal) {
      await folded(next, signal)
      if (signal.aborted) return
      const rows: ReadableInteraction[] = []
      const erased: ReadableErasure[] = []
      await forEach([...Map.groupBy(records, ({ event }) => event.userId)], async ([userId, ofUser]) => {
        const user = await features.user(userId)
        for (const { event, position } of ofUser) {
          if (event.type === 'erase') erased.push({ userId, epoch: position.epoch, offset: position.offset })
          else rows.push(...countedInteractions(event, position, user))
        }
      })
      await tables.putInteractions(rows)
      await tables.erase(erased)
    },
  }
}

function userFeaturesSink({ features, tables }: ReadableTablesOptions): Sink<'user-notices'> {
  return {
    name: 'readable user features',
    topic: 'user-notices',
    async apply(records) {
      const writes: ReadableFeatures[] = []
      await forEach(latest(records, 'user'), async ({ key }) => {
        const user = await features.user(key)
        const activity = user === undefined ? undefined : activityFeatures(key, user)
        if (activity !== undefined) writes.push(activity)
      })
      await forEach(latest(records, 'profile'), async ({ key, position, acceptedAt }) => {
        writes.push(profileFeatures(key, await features.profile(key), position, acceptedAt))
      })
      await tables.putFeatures(writes)
    },
  }
}

function itemFeaturesSink({ features, tables }: ReadableTablesOptions): Sink<'item-notices'> {
  return {
    name: 'readable item features',
    topic: 'item-notices',
    async apply(records) {
      const writes: ReadableFeatures[] = []
      await forEach(latest(records, 'statistics'), async ({ key, acceptedAt }) => {
        const statistics = statisticsFeatures(await features.itemFeatures(key), acceptedAt)
        if (statistics !== undefined) writes.push(statistics)
      })
      await forEach(latest(records, 'catalogue'), async ({ key, position, acceptedAt }) => {
        writes.push(catalogueFeatures(key, (await features.catalogueEntry(key))?.item, position, acceptedAt))
      })
      await tables.putFeatures(writes)
    },
  }
}

type NoticeRecord = TailedRecord<'user-notices' | 'item-notices'>

/** Of each key the notice of this row with the highest position: notices are sent again after a crash. */
function latest(records: readonly NoticeRecord[], row: NoticeRecord['event']['row']): NoticeRecord['event'][] {
  const found = new Map<string, NoticeRecord['event']>()
  for (const { event } of records) {
    if (event.row !== row) continue
    const known = found.get(event.key)
    const isNewer =
      known === undefined ||
      event.position.epoch > known.position.epoch ||
      (event.position.epoch === known.position.epoch && event.position.offset >= known.position.offset)
    if (isNewer) found.set(event.key, event)
  }
  return [...found.values()]
}

async function forEach<Entry>(entries: readonly Entry[], act: (entry: Entry) => Promise<void>): Promise<void> {
  const waiting = entries.values()
  async function lane(): Promise<void> {
    for (const entry of waiting) await act(entry)
  }
  await Promise.all(Array.from({ length: readsUnderWay }, lane))
}
