import { eventTime } from '#schemas/events/interactions.ts'
import type { HistoryEntry } from '#schemas/rows/user-rows.ts'
import type { Histories } from './histories.ts'
import type { PartHistories } from './history-entries.ts'

type Columns = Omit<Histories, 'positions' | 'unreadable'>

/** What the numbers of a part stand for. Those of items and actions must mean the same in every part that is added. */
export interface PartNames {
  readonly users: Names
  readonly items: Names
  readonly actions: Names
}

interface Names {
  nameOf(number: number): string
}

export interface HistoryColumns {
  readonly add: (userId: string, partition: number, history: readonly HistoryEntry[]) => void
  addPart(part: PartHistories, names: PartNames, partition: number): void
  /** Once: what was added is not held any more. */
  joined(): Columns
}

/**
 * Gathers histories into columns. Users and items are numbered in the order of their first appearance, user by user, so
 * the numbers do not depend on how the histories were read.
 */
export function historyColumns(): HistoryColumns {
  const userIds: string[] = []
  const partitions: number[] = []
  const starts: number[] = [0]
  const [itemNumbers, actionNumbers] = [new Map<string, number>(), new Map<string, number>()]
  const parts = {
    items: new Array<Uint32Array>(),
    actions: new Array<Uint16Array>(),
    values: new Array<Float64Array>(),
    times: new Array<Float64Array>(),
    offsets: new Array<Float64Array>(),
  }

  function addUser(userId: string, partition: number, entries: number): void {
    userIds.push(userId)
    partitions.push(partition)
    starts.push(starts.at(-1)! + entries)
  }

  function addEntries(part: Pick<PartHistories, keyof typeof parts>): void {
    parts.items.push(part.items)
    parts.actions.push(part.actions)
    parts.values.push(part.values)
    parts.times.push(part.times)
    parts.offsets.push(part.offsets)
  }

  return {
    add(userId, partition, history) {
      addUser(userId, partition, history.length)
      addEntries({
        items: Uint32Array.from(history, ({ itemId }) => numberOf(itemNumbers, itemId)),
        actions: Uint16Array.from(history, ({ action }) => numberOf(actionNumbers, action)),
        values: Float64Array.from(history, ({ value }) => value ?? NaN),
        times: Float64Array.from(history, eventTime),
        offsets: Float64Array.from(history, ({ offset }) => offset),
      })
    },
    addPart(part, names, partition) {
      for (const [n, user] of part.users.entries()) {
        addUser(names.users.nameOf(user), partition, part.starts[n + 1]! - part.starts[n]!)
      }
      renumber(part.items, names.items, itemNumbers)
      renumber(part.actions, names.actions, actionNumbers)
      addEntries(part)
    },
    joined() {
      const entries = starts.at(-1)!
      return {
        userIds,
        partitions: Uint16Array.from(partitions),
        itemIds: [...itemNumbers.keys()],
        actionNames: [...actionNumbers.keys()],
        starts: Uint32Array.from(starts),
        items: fill(new Uint32Array(entries), parts.items),
        actions: fill(new Uint16Array(entries), parts.actions),
        values: fill(new Float64Array(entries), parts.values),
        times: fill(new Float64Array(entries), parts.times),
        offsets: fill(new Float64Array(entries), parts.offsets),
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

/** In place, each name looked up once. */
function renumber(column: Uint32Array | Uint16Array, names: Names, numbers: Map<string, number>): void {
  const known: number[] = []
  for (let entry = 0; entry < column.length; entry++) {
    const name = column[entry]!
    column[entry] = known[name] ??= numberOf(numbers, names.nameOf(name))
  }
}

/** Empties the parts, so that of a column no more than one is held twice. */
function fill<T extends Uint32Array | Uint16Array | Float64Array>(target: T, parts: T[]): T {
  let at = 0
  for (const part of parts) {
    target.set(part, at)
    at += part.length
  }
  parts.length = 0
  return target
}
