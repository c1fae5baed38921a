import type { FoldSettings } from '#schemas/settings.ts'
import type { ItemCounts } from './merged-statistics.ts'
import { topList, type TopList } from './top-list.ts'

export interface Trend {
  readonly slot: number
  readonly source: 'trending' | 'popular'
  /** Positive interactions: decayed by the half-life of the window that holds the item, or of all time. */
  readonly count: number
}

/** What is consumed most, overall and by category, relative to the newest event of the log: a log of any age has trends. */
export interface Trending {
  /** Places an item that may be served into the lists of its categories, or moves it there. */
  place(slot: number, categories: readonly string[], statistics: ItemCounts): void
  /** An event of this time is known, be it of an item that may be served or not: what trends is relative to the newest. */
  advanceTo(time: number): void
  /** Takes an item out of every list. */
  remove(slot: number): void
  /** Best first: the 6 hour window, where it holds too few the 7 day one, then all-time popularity. */
  list(category: string | undefined): readonly Trend[]
  /** Popularity of the last days beside the leader's, on a scale of logarithms: 1 for the leader, 0 from a thousandth on. */
  popularity(slot: number): number
  /** The same of the last hours, by the fast half-life. */
  popularityNow(slot: number): number
  /** Positive interactions of all time beside the leader's, on a scale of logarithms. */
  popularityOfAllTime(slot: number): number
}

/** A window holds an item while its decayed count is at least this: one event a half-life ago. */
const heldFrom = 0.5

const kept = 300

type Windows = { readonly fast: TopList; readonly slow: TopList; readonly total: TopList }
type Placed = {
  readonly categories: readonly string[]
  readonly statistics: ItemCounts
  readonly fastKey: number
  readonly slowKey: number
}

/** Halvings of the leader's count at which popularity ends. */
const popularityRange = 10

/**
 * All counts of a window shrink alike as time passes, so items are ordered by log2(count) + time / half-life, which
 * does not change until the item does. `before` orders items of equal counts.
 */
export function trendingLists(settings: FoldSettings, before: (a: number, b: number) => boolean): Trending {
  const overall = windows()
  const byCategory = new Map<string, Windows>()
  const placed = new Map<number, Placed>()
  /** By slot: what popularity is read from for every candidate. */
  const slowKeys: number[] = []
  const fastKeys: number[] = []
  const logTotals: number[] = []
  /** Lists as they were asked for since the last change. */
  const listed = new Map<string | undefined, readonly Trend[]>()
  let newest = 0

  function slowKeyOf({ slow, time }: ItemCounts): number {
    return Math.log2(slow) + time / settings.slowHalfLifeMs
  }

  function fastKeyOf({ fast, time }: ItemCounts): number {
    return Math.log2(fast) + time / settings.fastHalfLifeMs
  }

  function windows(): Windows {
    return { fast: topList(kept, before), slow: topList(kept, before), total: topList(kept, before) }
  }

  function listsOf(categories: readonly string[]): Windows[] {
    const lists = [overall]
    for (const category of categories) {
      let known = byCategory.get(category)
      if (known === undefined) byCategory.set(category, (known = windows()))
      lists.push(known)
    }
    return lists
  }

  function offer(lists: Windows, slot: number, { statistics, fastKey, slowKey }: Placed): void {
    const { total } = statistics
    if (total <= 0) return
    lists.fast.offer(slot, fastKey)
    lists.slow.offer(slot, slowKey)
    lists.total.offer(slot, total)
  }

  function refill(lists: Windows, category: string | undefined): void {
    if (!lists.fast.needsRefill() && !lists.slow.needsRefill() && !lists.total.needsRefill()) return
    for (const list of Object.values(lists)) list.clear()
    for (const [slot, item] of placed) {
      if (category === undefined || item.categories.includes(category)) offer(lists, slot, item)
    }
  }

  function remove(slot: number): void {
    const item = placed.get(slot)
    if (item === undefined) return
    placed.delete(slot)
    slowKeys[slot] = fastKeys[slot] = -Infinity
    logTotals[slot] = 0
    listed.clear()
    for (const lists of listsOf(item.categories)) for (const list of Object.values(lists)) list.remove(slot)
  }

  function advanceTo(time: number): void {
    if (time <= newest) return
    newest = time
    listed.clear()
  }

  return {
    advanceTo,
    place(slot, categories, statistics) {
      const before = placed.get(slot)
      if (before !== undefined && !isSame(before.categories, categories)) remove(slot)
      const item = { categories, statistics, fastKey: fastKeyOf(statistics), slowKey: slowKeyOf(statistics) }
      placed.set(slot, item)
      while (slowKeys.length < slot) {
        slowKeys.push(-Infinity)
        fastKeys.push(-Infinity)
        logTotals.push(0)
      }
      slowKeys[slot] = item.slowKey
      fastKeys[slot] = item.fastKey
      logTotals[slot] = Math.log2(1 + statistics.total)
      listed.clear()
      advanceTo(statistics.time)
      for (const lists of listsOf(categories)) offer(lists, slot, item)
    },
    remove,
    list(category) {
      const known = listed.get(category)
      if (known !== undefined) return known
      const lists = category === undefined ? overall : byCategory.get(category)
      if (lists === undefined) return []
      refill(lists, category)
      const trends = new Map<number, Trend>()
      addHeld(trends, lists.fast, newest / settings.fastHalfLifeMs)
      addHeld(trends, lists.slow, newest / settings.slowHalfLifeMs)
      lists.total.slots.forEach((slot, i) => {
        if (!trends.has(slot)) trends.set(slot, { slot, source: 'popular', count: lists.total.keys[i]! })
      })
      const list = [...trends.values()]
      listed.set(category, list)
      return list
    },
    popularity: (slot) => besideLeader(slowKeys[slot], overall.slow.keys[0]),
    popularityNow: (slot) => besideLeader(fastKeys[slot], overall.fast.keys[0]),
    popularityOfAllTime(slot) {
      const most = overall.total.keys[0] ?? 0
      return most > 0 ? (logTotals[slot] ?? 0) / Math.log2(1 + most) : 0
    },
  }
}

function besideLeader(key = -Infinity, highest: number | undefined): number {
  return highest === undefined ? 0 : Math.max(0, 1 + (key - highest) / popularityRange)
}

function addHeld(trends: Map<number, Trend>, window: TopList, now: number): void {
  for (let i = 0; i < window.slots.length; i++) {
    const count = 2 ** (window.keys[i]! - now)
    if (count < heldFrom) return
    const slot = window.slots[i]!
    if (!trends.has(slot)) trends.set(slot, { slot, source: 'trending', count })
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry, i) => entry === b[i])
}
