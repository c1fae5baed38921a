export interface CoViewedSlot {
  readonly slot: number
  /** Lower bound of how often both were consumed close together, in either order. */
  readonly count: number
}

/** How often items were consumed close together. Rows count on each item what came just before it; here both ways add up. */
export interface CoViews {
  /** What came before the item, and how often; replaces what was said of it. */
  set(slot: number, before: readonly CoViewedSlot[]): void
  /** What was set of the item. */
  before(slot: number): readonly CoViewedSlot[]
  /** What is sure to have happened twice, the most frequent first; equal counts in the order of `isBefore`. */
  of(slot: number): readonly CoViewedSlot[]
}

/** A co-view is trusted from this lower bound on. */
export const trustedCoViews = 2

const kept = 50

export function coViews(isBefore: (a: number, b: number) => boolean): CoViews {
  const before: (readonly CoViewedSlot[] | undefined)[] = []
  const together: (Map<number, number> | undefined)[] = []
  const lists: (readonly CoViewedSlot[] | undefined)[] = []

  function add(slot: number, other: number, count: number): void {
    const counts = (together[slot] ??= new Map<number, number>())
    const sum = (counts.get(other) ?? 0) + count
    if (sum > 0) counts.set(other, sum)
    else counts.delete(other)
    lists[slot] = undefined
  }

  function addBothWays(slot: number, others: readonly CoViewedSlot[], sign: 1 | -1): void {
    for (const { slot: other, count } of others) {
      add(slot, other, sign * count)
      add(other, slot, sign * count)
    }
  }

  function listOf(slot: number): readonly CoViewedSlot[] {
    const trusted: CoViewedSlot[] = []
    for (const [other, count] of together[slot] ?? []) if (count >= trustedCoViews) trusted.push({ slot: other, count })
    trusted.sort((a, b) => b.count - a.count || (isBefore(a.slot, b.slot) ? -1 : 1))
    return trusted.slice(0, kept)
  }

  return {
    set(slot, others) {
      addBothWays(slot, before[slot] ?? [], -1)
      addBothWays(slot, others, 1)
      before[slot] = others
    },
    before: (slot) => before[slot] ?? [],
    of: (slot) => (lists[slot] ??= listOf(slot)),
  }
}
