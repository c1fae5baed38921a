import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import type { RowKey, TableName } from '#schemas/rows/tables.ts'
import type { InFlight, Owner } from './in-flight.ts'
import type { RowTable } from './row-table.ts'
import { MillraceError } from '#schemas/errors.ts'
import { compareGuards, rowTable } from './row-table.ts'
import { memoryStateStore, owned } from './state-store.ts'

export interface StoreSession extends StateStore {
  /** The owner's process is gone: nothing it awaits settles, each write under way may land later or be lost. */
  die(): void
  /** Every call under way fails with `store-failed`; its writes may still land. */
  fail(): void
}

export interface WeakStateStore {
  /** The store as one owner sees it; owners of the same task may live at the same time (zombies). */
  session(owner: string): StoreSession
  /** What is durable, read without chance and without landing anything. */
  readonly durable: StateStore
  /** Whether a row is durable, at once. */
  has(table: TableName, key: string, part: number): boolean
  /** Rows written twice under one guard with different bytes: a fold that is not a function of the log. */
  readonly ties: readonly string[]
}

/**
 * The weakest store the port allows, for kill tests: each row of a write, and each checkpoint, lands on its own, in any
 * order, when the shared {@link InFlight} steps. A read may land a write under way, and then it stays. Equal guards
 * resolve as Cassandra does: the greater bytes win, and the tie is noted.
 */
export function weakStateStore(flight: InFlight, rows: RowTable = rowTable()): WeakStateStore {
  const ties: string[] = []

  function put(write: RowWrite): void {
    const stored = rows.get(write.table, write.key, write.part)
    if (stored !== undefined && compareGuards(write, stored) === 0) {
      const order = Buffer.compare(write.bytes, stored.bytes)
      if (order !== 0) ties.push(`${rowName(write)} at ${write.epoch}.${write.offset}`)
      if (order <= 0) return
    }
    rows.put(write)
  }

  function session(name: string): StoreSession {
    const owner: Owner = flight.owner(name)
    let closed = false
    const refuseWhenClosed = () => {
      if (closed) throw new MillraceError('stopped', 'the store is closed')
    }
    return {
      async read(keys) {
        refuseWhenClosed()
        const found = []
        for (const { table, key, part } of keys) {
          await owner.linger()
          owner.glimpse(rowName({ table, key, part }))
          found.push(rows.get(table, key, part)?.bytes)
        }
        return found
      },
      async readParts(table, key) {
        refuseWhenClosed()
        await owner.linger()
        owner.glimpse(keyName({ table, key }))
        return rows.parts(table, key)
      },
      async write(writes) {
        refuseWhenClosed()
        const effects = writes.map(owned).map((write) => ({ name: rowName(write), land: () => put(write) }))
        await owner.perform(effects, () => undefined)
      },
      async *scan(table, options) {
        refuseWhenClosed()
        for await (const page of memoryStateStore(rows).scan(table, options)) {
          yield page
          await owner.linger()
        }
      },
      async checkpoint(task, partition) {
        refuseWhenClosed()
        await owner.linger()
        return rows.checkpoints.get(`${partition} ${task}`)
      },
      async saveCheckpoint(task, position) {
        refuseWhenClosed()
        const land = () => void rows.checkpoints.set(`${position.partition} ${task}`, { ...position })
        await owner.perform([{ land }], () => undefined)
      },
      async close() {
        closed = true
      },
      die: () => owner.die(),
      fail: () => owner.fail(),
    }
  }

  return {
    session,
    durable: memoryStateStore(rows),
    has: (table, key, part) => rows.get(table, key, part) !== undefined,
    ties,
  }
}

function rowName(row: RowKey): string {
  return `${keyName(row)}${row.part};`
}

function keyName({ table, key }: Omit<RowKey, 'part'>): string {
  return `${table}\0${key}\0`
}
