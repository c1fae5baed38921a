import { setImmediate } from 'node:timers/promises'
import type { RowWrite, StateStore, StoredRow } from '#schemas/ports/state-store.ts'
import type { Position } from '#schemas/position.ts'
import type { TableName } from '#schemas/rows/tables.ts'
import type { DataFolder } from './data-folder.ts'
import type { Table } from './environment.ts'
import { MillraceError } from '#schemas/errors.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import { markBoot } from './boot-mark.ts'
import { openEnvironment } from './environment.ts'
import { groupCommit } from './group-commit.ts'
import { guardBytes, guardIsLower, maxRowKeyBytes, partsOf, readRowKey, rowKey, rowValue } from './row-bytes.ts'

export interface LmdbStateStoreOptions {
  readonly folder: DataFolder
  readonly generation: string
  /** Room left where a path is. Default: the file system's answer. */
  readonly freeBytes?: (path: string) => Promise<number>
}

type Change =
  | { readonly type: 'rows'; readonly rows: readonly PackedRow[] }
  | { readonly type: 'checkpoint'; readonly key: Buffer; readonly value: Buffer }

interface PackedRow {
  readonly name: string
  readonly table: Table
  readonly key: Buffer
  /** Guard and bytes. */
  readonly value: Buffer
}

/**
 * Rows of one generation in an LMDB environment of its own. The end of the process loses nothing that had resolved. A power
 * cut loses all of it, and the rows are folded again from the log: syncs of rows would hold up those of the log, which are
 * what a 202 waits for.
 */
export function lmdbStateStore({ folder, generation, freeBytes }: LmdbStateStoreOptions): StateStore {
  const boot = markBoot(folder.statePath(generation))
  const environment = openEnvironment({
    path: folder.statePath(generation),
    durable: false,
    full: 'store-full',
    ...(freeBytes !== undefined && { freeBytes }),
  })
  const tables = new Map(tableNames.map((name) => [name, environment.table(name)]))
  const checkpoints = environment.table('checkpoints')
  const commits = groupCommit<Change>(commitChanges)
  let closed = false

  function refuseWhenClosed(): void {
    if (closed) throw new MillraceError('stopped', 'the store is closed')
  }

  function tableOf(name: TableName): Table {
    const table = tables.get(name)
    if (table === undefined) throw new MillraceError('invalid-input', `there is no table ${name}`)
    return table
  }

  /** One commit is under way at a time, so the stored guards are those of everything submitted before. */
  async function commitChanges(changes: readonly Change[]): Promise<void> {
    const rows = new Map<string, PackedRow>()
    const saved = new Map<string, { readonly key: Buffer; readonly value: Buffer }>()
    for (const change of changes) {
      switch (change.type) {
        case 'rows':
          for (const row of change.rows) {
            const other = rows.get(row.name)
            if (other === undefined || !guardIsLower(row.value, other.value)) rows.set(row.name, row)
          }
          break
        case 'checkpoint':
          saved.set(change.key.toString(), change)
          break
      }
    }
    await environment.commit(() => {
      for (const { table, key, value } of rows.values()) {
        const stored = table.getBinaryFast(key)
        if (stored === undefined || !guardIsLower(value, stored)) void table.put(key, value)
      }
      for (const { key, value } of saved.values()) void checkpoints.put(key, value)
    })
  }

  function pack(row: RowWrite): PackedRow {
    const key = rowKey(row.key, row.part)
    if (key.length <= maxRowKeyBytes) {
      return { name: `${row.table}\0${row.part}\0${row.key}`, table: tableOf(row.table), key, value: rowValue(row) }
    }
    throw new MillraceError('invalid-input', `a row key of ${key.length} bytes is too long`, { facts: { ...row } })
  }

  return {
    async read(keys) {
      refuseWhenClosed()
      return keys.map(({ table, key, part }) => {
        const value = tableOf(table).getBinary(rowKey(key, part))
        return value === undefined ? undefined : contentOf(value)
      })
    },
    async readParts(table, key) {
      refuseWhenClosed()
      return storedRows(tableOf(table), partsOf(key)).filter((row) => row.key === key)
    },
    async write(rows) {
      refuseWhenClosed()
      if (rows.length > 0) await commits.submit({ type: 'rows', rows: rows.map(pack) })
    },
    async *scan(table, { pageSize = 1_000 } = {}) {
      const from = tableOf(table)
      let start = Buffer.alloc(1)
      for (;;) {
        refuseWhenClosed()
        const page = storedRows(from, { start, limit: pageSize })
        const last = page.at(-1)
        if (last === undefined) return
        yield page
        // Reading takes no time of the event loop's own: without this a scan of everything would be one turn of it.
        await setImmediate()
        start = Buffer.concat([rowKey(last.key, last.part), Buffer.alloc(1)])
      }
    },
    async checkpoint(task, partition) {
      refuseWhenClosed()
      const value = checkpoints.getBinary(checkpointKey(task, partition))
      return value === undefined
        ? undefined
        : { epoch: value.readDoubleBE(0), partition, offset: value.readDoubleBE(8) }
    },
    async saveCheckpoint(task, position) {
      refuseWhenClosed()
      const key = checkpointKey(task, position.partition)
      await commits.submit({ type: 'checkpoint', key, value: checkpointValue(position) })
    },
    async close() {
      if (closed) return
      closed = true
      await commits.idle()
      await environment.close()
      boot.settle()
    },
  }
}

function storedRows(table: Table, range: { start: Buffer; end?: Buffer; limit?: number }): StoredRow[] {
  const rows: StoredRow[] = []
  for (const { key, value } of table.getRange(range)) rows.push({ ...readRowKey(key), bytes: contentOf(value) })
  return rows
}

function contentOf(value: Buffer): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset + guardBytes, value.length - guardBytes)
}

function checkpointKey(task: string, partition: number): Buffer {
  return Buffer.from(`${partition}/${task}`)
}

function checkpointValue({ epoch, offset }: Position): Buffer {
  const value = Buffer.allocUnsafe(16)
  value.writeDoubleBE(epoch, 0)
  value.writeDoubleBE(offset, 8)
  return value
}
