import type { Items } from '../read-model/items.ts'
import type { Trend } from '../read-model/trending.ts'
import type { Listed } from './listed.ts'

export interface PlainList {
  readonly items: Items
  readonly isBlocked: (slot: number) => boolean
  readonly category: string | undefined
  /** The only slots that may be served, where there is such a set. */
  readonly within: readonly number[] | undefined
  readonly limit: number
  /** Slots filled by earlier pages. */
  readonly firstSlot: number
}

/** Categories of a profile that are looked at, and items of each. */
const interestsTaken = 10
const trendsOfInterest = 100

/**
 * What trends, for whoever nothing is known of but the categories they declared an interest in: those come first, in turns. A set to
 * choose from is filled up with what nobody consumed yet.
 */
export function trendingList(list: PlainList, interests: readonly string[] = []): Listed[] {
  const { items, category, within } = list
  const rest = [...(within ?? items.newest())].sort(
    (a, b) => items.trending.popularity(b) - items.trending.popularity(a),
  )
  const entries = category === undefined ? trendsOf(items, interests) : new Map<number, Entry>()
  for (const trend of items.trending.list(category)) {
    if (!entries.has(trend.slot)) entries.set(trend.slot, explained(trend, category))
  }
  for (const slot of rest) if (!entries.has(slot)) entries.set(slot, { source: 'new', explanation: 'New' })
  return choose(list, entries)
}

/** The first of each interest, then the second of each, and so on. */
function trendsOf(items: Items, interests: readonly string[]): Map<number, Entry> {
  const entries = new Map<number, Entry>()
  const taken = interests.slice(0, interestsTaken)
  const lists = taken.map((interest) => items.trending.list(interest))
  for (let place = 0; place < trendsOfInterest; place++) {
    for (const [i, interest] of taken.entries()) {
      const trend = lists[i]?.[place]
      if (trend !== undefined && !entries.has(trend.slot)) entries.set(trend.slot, explained(trend, interest))
    }
  }
  return entries
}

/** A list made at publishing. */
export function precomputedList(list: PlainList, itemIds: readonly string[]): Listed[] {
  const entries = new Map<number, Entry>()
  for (const itemId of itemIds) {
    const slot = list.items.slots.find(itemId)
    if (slot !== undefined) entries.set(slot, { source: 'lists', explanation: 'Chosen for you earlier' })
  }
  return choose(list, entries)
}

interface Entry {
  readonly source: string
  readonly explanation: string
}

function explained({ source }: Trend, category: string | undefined): Entry {
  const now = source === 'trending' ? 'Trending now' : 'Popular'
  return {
    source,
    explanation:
      category === undefined ? now : source === 'trending' ? `Trending in ${category}` : `Popular in ${category}`,
  }
}

/** No policy draws here: the order is given, so propensities are null and the score is the place alone. */
function choose(list: PlainList, entries: ReadonlyMap<number, Entry>): Listed[] {
  const inside = list.within === undefined ? undefined : new Set(list.within)
  const chosen: Listed[] = []
  for (const [slot, { source, explanation }] of entries) {
    if (chosen.length === list.limit) break
    if (list.isBlocked(slot) || !list.items.isServable(slot) || inside?.has(slot) === false) continue
    const place = 1 / (1 + list.firstSlot + chosen.length)
    const itemId = list.items.slots.idOf(slot)
    const position = chosen.length
    const item = {
      itemId,
      score: place,
      confidence: 0,
      explanation,
      because: [],
      features: { place },
      source,
      position,
    }
    chosen.push({ item, propensity: null })
  }
  return chosen
}
