import type { RowWrite } from '#schemas/ports/state-store.ts'
import type { RowKey, TableName } from '#schemas/rows/tables.ts'
import type { Placement } from './placement.ts'

/** Rows that one request reads: every part of `parts` of every key. */
export interface RowGroup {
  readonly table: TableName
  readonly keys: readonly string[]
  readonly parts: readonly number[]
}

/**
 * What one request may hold. Cassandra warns of unlogged batches of more than 10 partitions or 5 KiB, and refuses 50 KiB;
 * small rows are written twice as fast in tens as one by one, rows of 4 kB and more gain nothing.
 */
const batchLimits = { rows: 10, bytes: 4_700 }
/** What Cassandra counts of a row besides its state, roughly. */
const rowOverhead = 60
/** More keys than this in one request gain little, and the slowest of them holds up all. */
const readLimits = { keys: 16, rows: 64 }

/** Splits writes into requests: rows of one place together, each request within the limits. */
export function writeBatches(rows: readonly RowWrite[], placeOf: Placement): RowWrite[][] {
  const batches: RowWrite[][] = []
  const open = new Map<string, { rows: RowWrite[]; bytes: number }>()
  for (const row of rows) {
    const size = row.bytes.length + rowOverhead
    const place = placeOf(row.key)
    const batch = open.get(place)
    if (batch !== undefined && batch.rows.length < batchLimits.rows && batch.bytes + size <= batchLimits.bytes) {
      batch.rows.push(row)
      batch.bytes += size
    } else {
      const fresh = { rows: [row], bytes: size }
      batches.push(fresh.rows)
      open.set(place, fresh)
    }
  }
  return batches
}

/** Splits reads into requests: keys of one place of which the same parts are wanted together. */
export function readGroups(keys: readonly RowKey[], placeOf: Placement): RowGroup[] {
  const groups: RowGroup[] = []
  for (const [table, ofTable] of Map.groupBy(keys, (key) => key.table)) {
    const open = new Map<string, { keys: string[]; parts: readonly number[] }>()
    for (const [key, parts] of wantedParts(ofTable)) {
      const name = `${parts.join()} ${placeOf(key)}`
      const group = open.get(name)
      const most = Math.min(readLimits.keys, Math.max(1, Math.floor(readLimits.rows / parts.length)))
      if (group !== undefined && group.keys.length < most) {
        group.keys.push(key)
      } else {
        const fresh = { keys: [key], parts }
        groups.push({ table, ...fresh })
        open.set(name, fresh)
      }
    }
  }
  return groups
}

/** Of each key the distinct parts, ascending. */
function wantedParts(keys: readonly RowKey[]): Map<string, number[]> {
  const wanted = new Map<string, number[]>()
  for (const { key, part } of keys) {
    const parts = wanted.get(key)
    if (parts === undefined) wanted.set(key, [part])
    else if (!parts.includes(part)) parts.push(part)
  }
  for (const parts of wanted.values()) if (parts.length > 1) parts.sort((a, b) => a - b)
  return wanted
}
