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

/** What trends, for whoever nothing is known of; a set to choose from is filled up with what nobody consumed yet. */
export function trendingList(list: PlainList): Listed[] {
  const { items, category, within } = list
  const trends = items.trending.list(category)
  const rest = [...(within ?? items.newest())].sort(
    (a, b) => items.trending.popularity(b) - items.trending.popularity(a),
  )
  const entries = new Map(trends.map((trend) => [trend.slot, explained(trend, category)]))
  for (const slot of rest) if (!entries.has(slot)) entries.set(slot, { source: 'new', explanation: 'New' })
  return choose(list, entries)
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
