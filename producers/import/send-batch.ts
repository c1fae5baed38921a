import type { ImportedInteraction, ImportedItem } from './imported-events.ts'

export interface RejectedEvent {
  /** Place in the batch sent. */
  readonly index: number
  readonly code: string
  readonly field?: string | undefined
  readonly message: string
}

/** What became of a batch: every event is one of the three. */
export interface BatchAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedEvent[]
}

/**
 * Sends a batch and resolves once what it accepted is durable. The importer never has two batches outstanding, and a
 * batch keeps the lines of a user in file order; whoever implements this appends them in that order, and a batch that failed
 * is on the log from its beginning up to some event of each partition, if at all. Rejects with a MillraceError; if it is
 * retriable, the same batch is sent again.
 */
export type SendBatch<E> = (events: readonly E[]) => Promise<BatchAnswer>

/** Where an import goes. */
export interface ImportTarget {
  readonly interactions: SendBatch<ImportedInteraction>
  readonly items: SendBatch<ImportedItem>
}
