import type { CoViewCounter } from '../rows/item-statistics.ts'

/**
 * Counts one co-view in at most `capacity` counters (SpaceSaving, Metwally et al. 2005): a new item takes over the
 * smallest counter and inherits its count as error. Ties fall on the smallest id, so the same stream gives the same map.
 */
export function countCoView(counters: Map<string, CoViewCounter>, itemId: string, capacity: number): void {
  const known = counters.get(itemId)
  if (known !== undefined) {
    known.count++
    return
  }
  if (counters.size < capacity) {
    counters.set(itemId, { count: 1, error: 0 })
    return
  }
  const [evicted, smallest] = leastCounter(counters)
  counters.delete(evicted)
  counters.set(itemId, { count: smallest + 1, error: smallest })
}

function leastCounter(counters: Map<string, CoViewCounter>): [itemId: string, count: number] {
  let least: string | undefined
  let count = Infinity
  for (const [itemId, counter] of counters) {
    if (counter.count < count || (counter.count === count && least !== undefined && itemId < least)) {
      least = itemId
      count = counter.count
    }
  }
  return [least ?? '', count]
}
