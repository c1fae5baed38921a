import type { ExportManifest } from '../models/interaction-export.ts'

/** One interaction that counts, as analysts' engines read it. */
export interface TableRow {
  readonly userId: string
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  /** What the event says about the item under the configured weights; negative for a dislike, 0 for an unknown type. */
  readonly weight: number
  /** Event time, epoch ms. */
  readonly time: number
  readonly partition: number
  /** Of the event on its partition of `interactions`. */
  readonly offset: number
  /** Laid aside for judging: a model that is to be judged by these rows must not be fitted to them. */
  readonly heldOut: boolean
}

/** What stands in the files, counted by reading them again. */
export interface TableCounts {
  readonly files: number
  readonly rows: number
  readonly users: number
  readonly items: number
  readonly heldOut: number
}

/** A new table of interactions outside Millrace. */
export interface InteractionTable {
  /** Throws `store-failed` where it cannot be written. */
  append(rows: readonly TableRow[]): Promise<void>
  /** Writes what is left and reads everything again. No row can be appended after it. */
  count(): Promise<TableCounts>
  /** Says what the table is of: without it the table is not whole. */
  describe(manifest: ExportManifest): Promise<void>
  close(): Promise<void>
}
