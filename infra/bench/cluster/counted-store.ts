import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import { tableNames, type RowKey, type TableName } from '#schemas/rows/tables.ts'

/** Rows and bytes that went one way. */
export interface Traffic {
  rows: number
  bytes: number
  /** Calls of the port. */
  calls: number
}

export interface StoreTraffic {
  /** Bytes are those of rows found. */
  readonly read: Readonly<Record<TableName, Traffic>>
  readonly written: Readonly<Record<TableName, Traffic>>
  /** Next offsets saved, by task and partition. */
  readonly positions: Record<string, Record<number, number>>
  checkpoints: number
}

/** The store, and what passed through it since it was opened. */
export function countedStore(store: StateStore): { readonly store: StateStore; readonly traffic: StoreTraffic } {
  const traffic: StoreTraffic = { read: noTraffic(), written: noTraffic(), positions: {}, checkpoints: 0 }

  function countRead(keys: readonly RowKey[], found: readonly (Uint8Array | undefined)[]): void {
    for (const table of new Set(keys.map((key) => key.table))) traffic.read[table].calls++
    for (const [i, { table }] of keys.entries()) {
      traffic.read[table].rows++
      traffic.read[table].bytes += found[i]?.length ?? 0
    }
  }

  function countWritten(rows: readonly RowWrite[]): void {
    for (const table of new Set(rows.map((row) => row.table))) traffic.written[table].calls++
    for (const { table, bytes } of rows) {
      traffic.written[table].rows++
      traffic.written[table].bytes += bytes.length
    }
  }

  return {
    traffic,
    store: {
      ...store,
      async read(keys) {
        const found = await store.read(keys)
        countRead(keys, found)
        return found
      },
      async write(rows) {
        countWritten(rows)
        await store.write(rows)
      },
      async saveCheckpoint(task, position) {
        await store.saveCheckpoint(task, position)
        traffic.checkpoints++
        const ofTask = (traffic.positions[task] ??= {})
        ofTask[position.partition] = position.offset
      },
    },
  }
}

function noTraffic(): Record<TableName, Traffic> {
  const entries = tableNames.map((table) => [table, { rows: 0, bytes: 0, calls: 0 }])
  return Object.fromEntries(entries) as Record<TableName, Traffic>
}
