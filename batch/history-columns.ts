import { eventTime } from '#schemas/events/interactions.ts'
import type { HistoryEntry } from '#schemas/rows/user-rows.ts'
import type { Histories } from './histories.ts'

type Columns = Omit<Histories, 'positions' | 'unreadable'>

export interface HistoryColumns {
  readonly add: (userId: string, partition: number, history: readonly HistoryEntry[]) => void
  /** Packs what was added since the last call: its entries are no longer needed. */
  seal(): void
  joined(): Columns
}

interface Segment {
  readonly items: Uint32Array
  readonly actions: Uint16Array
  readonly values: Float64Array
  readonly times: Float64Array
  readonly offsets: Float64Array
}

/** Gathers histories into columns. Users and items are numbered in the order of their first appearance. */
export function historyColumns(): HistoryColumns {
  const userIds: string[] = []
  const partitions: number[] = []
  const starts: number[] = [0]
  const itemNumbers = new Map<string, number>()
  const actionNumbers = new Map<string, number>()
  const segments: Segment[] = []
  let open: HistoryEntry[] = []

  return {
    add(userId, partition, history) {
      userIds.push(userId)
      partitions.push(partition)
      starts.push(starts.at(-1)! + history.length)
      for (const entry of history) open.push(entry)
    },
    seal() {
      segments.push({
        items: Uint32Array.from(open, ({ itemId }) => numberOf(itemNumbers, itemId)),
        actions: Uint16Array.from(open, ({ action }) => numberOf(actionNumbers, action)),
        values: Float64Array.from(open, ({ value }) => value ?? NaN),
        times: Float64Array.from(open, eventTime),
        offsets: Float64Array.from(open, ({ offset }) => offset),
      })
      open = []
    },
    joined() {
      const entries = starts.at(-1)!
      return {
        userIds,
        partitions: Uint16Array.from(partitions),
        itemIds: [...itemNumbers.keys()],
        actionNames: [...actionNumbers.keys()],
        starts: Uint32Array.from(starts),
        items: fill(
          new Uint32Array(entries),
          segments.map(({ items }) => items),
        ),
        actions: fill(
          new Uint16Array(entries),
          segments.map(({ actions }) => actions),
        ),
        values: fill(
          new Float64Array(entries),
          segments.map(({ values }) => values),
        ),
        times: fill(
          new Float64Array(entries),
          segments.map(({ times }) => times),
        ),
        offsets: fill(
          new Float64Array(entries),
          segments.map(({ offsets }) => offsets),
        ),
      }
    },
  }
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, numbers.size)
  return numbers.size - 1
}

function fill<T extends Uint32Array | Uint16Array | Float64Array>(target: T, parts: readonly T[]): T {
  let at = 0
  for (const part of parts) {
    target.set(part, at)
    at += part.length
  }
  return target
}
