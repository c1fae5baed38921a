import * as fc from 'fast-check'
import type { RowOf, TableName } from '../rows/tables.ts'
import { count, double, item, list, long, nullable, profile, record, text } from './codec-events.contract.ts'

const guard = { epoch: count, partition: count, offset: long }
const mark = record({ source: text, sequence: long })
const hash = fc.nat({ max: Number.MAX_SAFE_INTEGER })

const historyEntry = record({
  id: text,
  itemId: text,
  action: text,
  value: nullable(double),
  occurredAt: long,
  acceptedAt: long,
  clock: long,
  offset: long,
  filed: fc.boolean(),
})

function mapOf<Key, Value>(key: fc.Arbitrary<Key>, value: fc.Arbitrary<Value>): fc.Arbitrary<Map<Key, Value>> {
  return list(fc.tuple(key, value), 12).map((entries) => new Map(entries))
}

/** Any row of each table. */
export const anyRow: { readonly [T in TableName]: fc.Arbitrary<RowOf[T]> } = {
  'user-heads': record({
    ...guard,
    clock: long,
    applied: long,
    count: long,
    erasedAt: long,
    sessionId: nullable(text),
    sessionStartedAt: long,
    sessionLastAt: long,
    sessionCount: long,
    actionCounts: list(record({ action: text, count: long })),
    recent: list(historyEntry),
    idDays: list(long),
    imports: list(mark),
    mended: list(mark),
    adopted: list(record({ guestId: text, guestOffset: long })),
  }),
  'user-chunks': record({ ...guard, index: long, entries: list(historyEntry) }),
  'user-ids': record({ ...guard, ids: mapOf(hash, record({ offset: long, clock: long })) }),
  'item-statistics': record({
    ...guard,
    time: long,
    actions: list(record({ action: text, fast: double, slow: double, total: long })),
    coViews: mapOf(text, record({ count: long, error: long })),
    users: list(record({ userId: text, weight: double, offset: long })),
  }),
  catalogue: record({ ...guard, item: nullable(item), firstSeenAt: long, updatedAt: long, imports: list(mark) }),
  profiles: record({ ...guard, profile: nullable(profile), updatedAt: long }),
}
