import type { Position } from '../position.ts'
import type { RowKey, TableName } from '../rows/tables.ts'

export interface StoredRow {
  readonly key: string
  readonly part: number
  readonly bytes: Uint8Array
}

export interface RowWrite extends RowKey {
  /** Guard of the row: a write with a lower (epoch, offset) than the stored one loses in the store itself. */
  readonly epoch: number
  readonly offset: number
  readonly bytes: Uint8Array
}

/**
 * The rows of one generation. Each row is written whole or not at all; what one read has seen, every later read sees;
 * a write that failed may land at any later time. Nothing relies on atomicity between rows. After a crash every row
 * whose write had resolved before `saveCheckpoint` was called is there: rows are at or ahead of the checkpoint.
 */
export interface StateStore {
  /** Rows in the order of the keys; undefined where there is none. */
  read(keys: readonly RowKey[]): Promise<readonly (Uint8Array | undefined)[]>
  /** All parts of one key, ascending by part. */
  readParts(table: TableName, key: string): Promise<readonly StoredRow[]>
  /** Resolves when every row is in force and will be after a crash of the process. Rejects with `store-failed` or `store-full`. */
  write(rows: readonly RowWrite[]): Promise<void>
  /**
   * Every row of a table once, in pages of at most `pageSize`: keys in an order of the store's own, the parts of a key one after the
   * other (pages may part them) and ascending. Rows written meanwhile may or may not be seen.
   */
  scan(table: TableName, options?: { readonly pageSize?: number }): AsyncIterable<readonly StoredRow[]>
  /** Next position each task will read, by partition; undefined before the first. */
  checkpoint(task: string, partition: number): Promise<Position | undefined>
  saveCheckpoint(task: string, position: Position): Promise<void>
  close(): Promise<void>
}
