import type { FoldAt, FoldRows } from '#schemas/fold/rows.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Notice } from '#schemas/events/derived.ts'
import type { RowKey, TableName } from '#schemas/rows/tables.ts'
import type { TopicName } from '#schemas/topics.ts'

/** Rows as the steps before this one have read them. */
export type ReadRows = Pick<FoldRows, 'peek'>

/** Rows that become durable together, and the notices that announce them. */
export interface Step<E> {
  readonly tables: readonly TableName[]
  readonly announces?: {
    readonly topic: 'user-notices' | 'item-notices'
    readonly table: TableName
    readonly row: Notice['row']
  }
  /** Every row of this step that folding the events may look at: a superset is harmless, an omission fails the task. */
  keys(events: readonly { readonly event: E; readonly at: FoldAt }[], rows: ReadRows): Iterable<RowKey>
}

/**
 * A pure fold of one source topic into rows. `steps` are in the order of reading; writing runs against it, so that a
 * row of the first step proves that all rows of the later ones are durable and announced.
 */
export interface RowProcessor<T extends TopicName = TopicName> {
  /** Name of its checkpoints. */
  readonly name: string
  readonly topic: T
  /** One sentence for people. */
  readonly does: string
  readonly steps: readonly Step<EventOf[T]>[]
  /** The key that an event must have been appended under: it decides the partition in which all its rows lie. */
  keyOf(event: EventOf[T]): string
  /** Why an event that can be read cannot be folded; undefined when it can. */
  check(event: EventOf[T]): string | undefined
  fold(rows: FoldRows, event: EventOf[T], at: FoldAt): void
}
