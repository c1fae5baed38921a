/** What every row begins with: an event at or below this position has been folded into it. Offset -1: never written. */
export interface RowGuard {
  epoch: number
  partition: number
  offset: number
}
