import type { FoldSettings } from '#schemas/settings.ts'
import type { MergedStatistics } from './merged-statistics.ts'
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
  place(slot: number, categories: readonly string[], statistics: MergedStatistics): void
  /** Takes an item out of every list. */
  remove(slot: number): void
  /** Best first: the 6 hour window, where it holds too few the 7 day one, then all-time popularity. */
  list(category: string | undefined): Trend[]
  /** The item's 7 day count at the newest event any item has seen. */
  slowNow(statistics: MergedStatistics): number
  /** Decayed 7 day count of the item that leads it; 0 while there is none. */
  highestSlow(): number
}

/** A window holds an item while its decayed count is at least this: one event a half-life ago. */
const heldFrom = 0.5

const kept = 300

type Windows = { readonly fast: TopList; readonly slow: TopList; readonly total: TopList }
type Placed = { readonly categories: readonly string[]; readonly statistics: MergedStatistics }

/**
 * All counts of a window shrink alike as time passes, so items are ordered by log2(count) + time / half-life, which
 * does not change until the item does. `before` orders items of equal counts.
 */
export function trendingLists(settings: FoldSettings, before: (a: number, b: number) => boolean): Trending {
  const overall = windows()
  const byCategory = new Map<string, Windows>()
  const placed = new Map<number, Placed>()
  let newest = 0

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

  function offer(lists: Windows, slot: number, { time, fast, slow, total }: MergedStatistics): void {
    if (total <= 0) return
    lists.fast.offer(slot, Math.log2(fast) + time / settings.fastHalfLifeMs)
    lists.slow.offer(slot, Math.log2(slow) + time / settings.slowHalfLifeMs)
    lists.total.offer(slot, total)
  }

  function refill(lists: Windows, category: string | undefined): void {
    if (!lists.fast.needsRefill() && !lists.slow.needsRefill() && !lists.total.needsRefill()) return
    for (const list of Object.values(lists)) list.clear()
    for (const [slot, item] of placed) {
      if (category === undefined || item.categories.includes(category)) offer(lists, slot, item.statistics)
    }
  }

  function remove(slot: number): void {
    const item = placed.get(slot)
    if (item === undefined) return
    placed.delete(slot)
    for (const lists of listsOf(item.categories)) for (const list of Object.values(lists)) list.remove(slot)
  }

  return {
    place(slot, categories, statistics) {
      const before = placed.get(slot)
      if (before !== undefined && !isSame(before.categories, categories)) remove(slot)
      placed.set(slot, { categories, statistics })
      newest = Math.max(newest, statistics.time)
      for (const lists of listsOf(categories)) offer(lists, slot, statistics)
    },
    remove,
    list(category) {
      const lists = category === undefined ? overall : byCategory.get(category)
      if (lists === undefined) return []
      refill(lists, category)
      const trends = new Map<number, Trend>()
      addHeld(trends, lists.fast, newest / settings.fastHalfLifeMs)
      addHeld(trends, lists.slow, newest / settings.slowHalfLifeMs)
      lists.total.slots.forEach((slot, i) => {
        if (!trends.has(slot)) trends.set(slot, { slot, source: 'popular', count: lists.total.keys[i]! })
      })
      return [...trends.values()]
    },
    slowNow: ({ slow, time }) => slow * 2 ** ((time - newest) / settings.slowHalfLifeMs),
    highestSlow() {
      const key = overall.slow.keys[0]
      return key === undefined ? 0 : 2 ** (key - newest / settings.slowHalfLifeMs)
    },
  }
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
