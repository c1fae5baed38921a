import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import type { RowTable } from './row-table.ts'
import { MillraceError } from '#schemas/errors.ts'
import { rowTable } from './row-table.ts'

/** The reference store: every write is in force when the call returns, all of it gone with the process. */
export function memoryStateStore(rows: RowTable = rowTable()): StateStore {
  let closed = false

  function refuseWhenClosed(): void {
    if (closed) throw new MillraceError('stopped', 'the store is closed')
  }

  return {
    async read(keys) {
      refuseWhenClosed()
      return keys.map(({ table, key, part }) => rows.get(table, key, part)?.bytes)
    },
    async readParts(table, key) {
      refuseWhenClosed()
      return rows.parts(table, key)
    },
    async write(writes) {
      refuseWhenClosed()
      for (const write of writes) rows.put(owned(write))
    },
    async *scan(table, { pageSize = 1_000 } = {}) {
      refuseWhenClosed()
      let page = []
      for (const key of rows.keys(table)) {
        for (const row of rows.parts(table, key)) {
          page.push(row)
          if (page.length < pageSize) continue
          yield page
          page = []
        }
      }
      if (page.length > 0) yield page
    },
    async checkpoint(task, partition) {
      refuseWhenClosed()
      return rows.checkpoints.get(`${partition} ${task}`)
    },
    async saveCheckpoint(task, position) {
      refuseWhenClosed()
      rows.checkpoints.set(`${position.partition} ${task}`, { ...position })
    },
    async close() {
      closed = true
    },
  }
}

/** A copy whose bytes no caller can change. */
export function owned(write: RowWrite): RowWrite {
  return { ...write, bytes: new Uint8Array(write.bytes) }
}
