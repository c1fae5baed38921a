import type { AttributeValue } from '#schemas/events/catalogue.ts'

/** What every imported event carries: a second import, or a resumed one, is told by it. */
interface Imported {
  /** Digest of the file's contents and its plan. */
  readonly source: string
  /** Line of the file, from 1. */
  readonly sequence: number
}

/** A line of a file as `POST /v1/interactions` takes it. */
export interface ImportedInteraction extends Imported {
  /** `source:sequence`. */
  readonly id: string
  readonly userId: string
  readonly itemId: string
  readonly type: string
  readonly value?: number
  readonly sessionId?: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
}

/** A line of a file as `POST /v1/items` takes it. */
export interface ImportedItem extends Imported {
  /** The item's. */
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly categories: readonly string[]
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly price?: number
  readonly currency?: string
  readonly available?: boolean
  /** Epoch milliseconds. */
  readonly publishedAt?: number
  readonly imageUrl?: string
  readonly embedding?: readonly number[]
  readonly embeddingName?: string
}

/** Why a row becomes no event. */
export interface RowProblem {
  readonly code: string
  readonly field: string
  readonly message: string
}

/** What became of a row. */
export type MappedRow<E> = { readonly line: number; readonly raw: string } & (
  | { readonly type: 'event'; readonly event: E }
  | { readonly type: 'rejected'; readonly problem: RowProblem }
)
