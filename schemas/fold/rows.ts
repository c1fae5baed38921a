import type { RowOf, TableName } from '../rows/tables.ts'

/** The event's place, and what the runtime says when a row changes on its account. */
export interface FoldAt {
  readonly epoch: number
  readonly partition: number
  readonly offset: number
  readonly acceptedAt: number
}

/**
 * The rows a fold works on. Folds are pure functions over this view: the runtime puts it on a StateStore, the batch
 * job and the tests on plain maps.
 */
export interface FoldRows {
  /** The row as it stands, blank if it was never written. Not to be changed: use {@link FoldRows.change}. */
  peek<T extends TableName>(table: T, key: string, part: number): Readonly<RowOf[T]>
  /**
   * Changes a row on account of the event at `at`. A row at or above `at` holds the event already and is only announced
   * again, since its first announcement may have been lost; a row of this very event in this very batch is changed on.
   */
  change<T extends TableName>(table: T, key: string, part: number, at: FoldAt, mutate: (row: RowOf[T]) => void): void
  /** Announces a row that holds the event already, where a fold has nothing else to do with it. */
  announce(table: TableName, key: string, part: number, at: FoldAt): void
}
