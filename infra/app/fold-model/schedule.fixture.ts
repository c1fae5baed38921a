import type { RowTable } from '#infra/memory/row-table.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { rowTable } from '#infra/memory/row-table.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows, type EncodedRow } from '#schemas/fold/map-rows.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { tableNames, type TableName } from '#schemas/rows/tables.ts'
import { dayMs, defaultFoldSettings, type FoldSettings } from '#schemas/settings.ts'
import { counts } from './counts.fixture.ts'
import { randomLog } from './random-log.fixture.ts'
import { runWorld, type Sabotage } from './world.fixture.ts'

/** Small bounds, so that forty events seal chunks, wrap the ring and evict counters. */
export const smallSettings: FoldSettings = {
  ...defaultFoldSettings,
  limits: { head: 8, chunks: 4, history: 32, coViewWindow: 3, coViews: 4, itemUsers: 3, idWindowMs: 7 * dayMs },
}

/** Runs one random schedule; returns what it found broken, nothing when all is well. */
export async function runSchedule(seed: number, codec: Codec, sabotage: Sabotage = {}): Promise<string[]> {
  const random = seededRandom(seed)
  const log = memoryEventLog({ partitions: 1 + (seed % 4), clock: { now: () => 0 } })
  const logical = await randomLog({ random, log, codec, users: 7, items: 7, size: 10 + (seed % 50) })
  const rows = rowTable()
  const notices = noticeWatch(log, codec, rows)
  const end = await runWorld({ random, log: notices.log, codec, settings: smallSettings, steps: 600, sabotage, rows })
  const straight = mapRows()
  const counted = counts()
  for (const { epoch, partition } of await log.bounds('interactions')) {
    for await (const records of log.read('interactions', { epoch, partition, offset: 0 })) {
      for (const { offset, value } of records) {
        const event = codec.decodeEvent('interactions', value)
        const at = { epoch, partition, offset, acceptedAt: event.acceptedAt }
        counted.note(event, foldInteractions(straight, event, at, smallSettings))
      }
    }
  }
  return [
    ...end.failures.map((failure) => `a task failed: ${String(failure)}`),
    ...end.ties.map((tie) => `two different rows under one guard: ${tie}`),
    ...notices.early,
    ...differences(rows, straight.encoded(codec), notices.announced),
    ...counted.violations(logical),
  ]
}

interface NoticeWatch {
  readonly log: EventLog
  /** Notices that arrived before their row was durable. */
  readonly early: string[]
  /** Highest offset announced of each row. */
  readonly announced: ReadonlyMap<string, number>
}

function noticeWatch(log: EventLog, codec: Codec, rows: RowTable): NoticeWatch {
  const early: string[] = []
  const announced = new Map<string, number>()
  return {
    early,
    announced,
    log: {
      ...log,
      append(topic, records) {
        if (topic !== 'user-notices' && topic !== 'item-notices') return log.append(topic, records)
        for (const record of records) {
          const { key, position } = codec.decodeEvent(topic, record.value)
          const table = topic === 'user-notices' ? 'user-heads' : 'item-statistics'
          const part = topic === 'user-notices' ? 0 : position.partition
          const name = nameOf(table, key, part)
          const stored = rows.get(table, key, part)
          if (stored === undefined || stored.offset < position.offset) early.push(`notice before its row: ${name}`)
          announced.set(name, Math.max(position.offset, announced.get(name) ?? -1))
        }
        return log.append(topic, records)
      },
    },
  }
}

function differences(rows: RowTable, straight: Iterable<EncodedRow>, announced: ReadonlyMap<string, number>): string[] {
  const found: string[] = []
  const expected = new Set<string>()
  for (const { key, offset, bytes } of straight) {
    const name = nameOf(key.table, key.key, key.part)
    expected.add(name)
    const stored = rows.get(key.table, key.key, key.part)
    if (stored === undefined) found.push(`missing: ${name}`)
    else if (Buffer.compare(stored.bytes, bytes) !== 0) found.push(`differs: ${name}`)
    const isAnnounced = key.table === 'user-heads' || key.table === 'item-statistics'
    if (isAnnounced && (announced.get(name) ?? -1) < offset) found.push(`never announced: ${name}`)
  }
  for (const table of tableNames) {
    for (const key of rows.keys(table)) {
      for (const { part } of rows.parts(table, key)) {
        if (!expected.has(nameOf(table, key, part))) found.push(`extra: ${nameOf(table, key, part)}`)
      }
    }
  }
  return found
}

function nameOf(table: TableName, key: string, part: number): string {
  return `${table} ${key} ${part}`
}
