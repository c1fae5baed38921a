import { rowLimits } from '#schemas/settings.ts'
import type { Assumptions } from './assumptions.ts'
import type { UnitCosts } from './unit-costs.ts'

export interface UserBytes {
  /** Of a user with so few interactions as half of those measured. */
  readonly few: number
  /** Of a user whose history is full, with a week of ids. */
  readonly full: number
  readonly mean: number
}

const monthSeconds = 30 * 86_400
/** Hash, position and day of an id, in the row of its day. */
const idBytes = 20

/** State of all rows of one user. */
export function userBytes({ rows }: UnitCosts, given: Assumptions): UserBytes {
  const entry = rows['user-heads'].p99 / rowLimits.head
  const kept = rowLimits.head * (rowLimits.chunks + 1)
  const perActive = (given.eventsPerSecond * given.meanShare * monthSeconds) / (given.users * given.activeShare)
  const ofActive = Math.min(kept, 12 * perActive) * entry + (perActive / 30) * 7 * idBytes
  const full = kept * entry + (perActive / 30) * 7 * idBytes
  const few = rows['user-heads'].p50
  return { few, full, mean: given.activeShare * ofActive + (1 - given.activeShare) * few }
}

export interface ItemBytes {
  readonly mean: number
  /** Rows of statistics of the mean item: one for each partition in which one of its users lives. */
  readonly rows: number
  /** All partitions, each row as large as the largest measured. */
  readonly largest: number
}

/** Catalogue and statistics of one item. How often items are met falls with their rank, as 1 / rank. */
export function itemBytes({ rows }: UnitCosts, given: Assumptions, partitions: number): ItemBytes {
  const events = given.eventsPerSecond * given.meanShare * monthSeconds
  const harmonic = Math.log(given.items) + 0.5772
  const users = given.users * given.activeShare
  let [totalRows, totalBytes, counted] = [0, 0, 0]
  // Ranks in steps that grow: 1, 2, … 10, 11, 13, ….
  for (let rank = 1; rank <= given.items;) {
    const next = Math.min(given.items + 1, Math.max(rank + 1, Math.floor(rank * 1.1)))
    const itsEvents = events / (rank * harmonic)
    const itsUsers = Math.min(users, itsEvents)
    const itsRows = partitions * -Math.expm1(-itsUsers / partitions)
    const perRow = itsEvents / Math.max(1, itsRows)
    const bytes = perRow > 100 ? rows['item-statistics'].p99 : rows['item-statistics'].mean
    totalRows += itsRows * (next - rank)
    totalBytes += itsRows * bytes * (next - rank)
    counted += next - rank
    rank = next
  }
  return {
    rows: totalRows / counted,
    mean: rows.catalogue.mean + totalBytes / counted,
    largest: rows.catalogue.p99 + partitions * rows['item-statistics'].p99,
  }
}
