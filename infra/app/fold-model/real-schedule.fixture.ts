import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { TableName } from '#schemas/rows/tables.ts'
import { counts } from './counts.fixture.ts'
import { randomLog } from './random-log.fixture.ts'
import { runRealWorld } from './real-world.fixture.ts'
import { smallSettings } from './schedule.fixture.ts'

export interface RealScheduleOptions {
  readonly seed: number
  readonly codec: Codec
  /** Empty. */
  readonly log: EventLog
  /** Holds nothing of this schedule. */
  readonly store: StateStore
  readonly steps: number
  readonly sabotage?: (store: StateStore) => StateStore
}

export interface RealScheduleEnd {
  /** Nothing when all is well. */
  readonly broken: readonly string[]
  /** Every row there must be, by name: none other may be. */
  readonly expected: ReadonlySet<string>
}

/** Runs one random schedule on a real store and a log of any kind, and compares with the straight fold byte for byte. */
export async function runRealSchedule(options: RealScheduleOptions): Promise<RealScheduleEnd> {
  const { seed, codec, log, store } = options
  const random = seededRandom(seed)
  const logical = await randomLog({ random, log, codec, users: 7, items: 7, size: 10 + (seed % 40) })
  const notices = noticeWatch(log, codec, store)
  const world = { ...options, random, log: notices.log, settings: smallSettings }
  const failures = await runRealWorld(world)
  const straight = mapRows()
  const counted = counts()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        const event = codec.decodeEvent('interactions', value)
        const at = { epoch, partition, offset, acceptedAt: event.acceptedAt }
        counted.note(event, foldInteractions(straight, event, at, smallSettings))
      }
    }
  }
  const rows = Array.from(straight.encoded(codec))
  const stored = await store.read(rows.map(({ key }) => key))
  const broken: string[] = []
  for (const [i, { key, offset, bytes }] of rows.entries()) {
    const name = rowName(key.table, key.key, key.part)
    const found = stored[i]
    if (found === undefined) broken.push(`missing: ${name}`)
    else if (Buffer.compare(found, bytes) !== 0) broken.push(`differs: ${name}`)
    const isAnnounced = key.table === 'user-heads' || key.table === 'item-statistics'
    if (isAnnounced && (notices.announced.get(name) ?? -1) < offset) broken.push(`never announced: ${name}`)
  }
  return {
    broken: [
      ...failures.map((failure) => `a task failed: ${String(failure)}`),
      ...notices.early,
      ...broken,
      ...counted.violations(logical),
    ],
    expected: new Set(rows.map(({ key }) => rowName(key.table, key.key, key.part))),
  }
}

export function rowName(table: TableName, key: string, part: number): string {
  return `${table} ${key} ${part}`
}

interface NoticeWatch {
  readonly log: EventLog
  /** Notices that were sent before their row was durable. */
  readonly early: string[]
  /** Highest offset announced of each row. */
  readonly announced: ReadonlyMap<string, number>
}

function noticeWatch(log: EventLog, codec: Codec, store: StateStore): NoticeWatch {
  const early: string[] = []
  const announced = new Map<string, number>()
  return {
    early,
    announced,
    log: {
      ...log,
      async append(topic, records) {
        if (topic === 'user-notices' || topic === 'item-notices') {
          const table = topic === 'user-notices' ? 'user-heads' : 'item-statistics'
          const notices = records.map(({ value }) => codec.decodeEvent(topic, value))
          const partOf = (partition: number) => (table === 'user-heads' ? 0 : partition)
          const keys = notices.map(({ key, position }) => ({ table, key, part: partOf(position.partition) }) as const)
          const rows = await store.read(keys)
          for (const [i, { position }] of notices.entries()) {
            const bytes = rows[i]
            const { key, part } = keys[i]!
            const name = rowName(table, key, part)
            const offset = bytes === undefined ? -1 : codec.decodeRow(table, bytes).offset
            if (offset < position.offset) early.push(`notice before its row: ${name}`)
            announced.set(name, Math.max(position.offset, announced.get(name) ?? -1))
          }
        }
        return log.append(topic, records)
      },
    },
  }
}
