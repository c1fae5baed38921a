import type { FoldSettings } from '#schemas/settings.ts'
import type { FoldedUser } from '#schemas/models/fold-in.ts'
import type { Items } from '../read-model/items.ts'
import type { RecentItem } from './request.ts'

export interface Contribution {
  readonly itemId: string
  readonly contribution: number
}

const told = 3

/** The past items that moved a score most, up or down, by their contributions: largest first, at most three. */
export function largestContributions({ itemIds }: FoldedUser, contributions: ArrayLike<number>): Contribution[] {
  const largest: number[] = []
  for (let at = 0; at < contributions.length; at++) {
    const size = Math.abs(contributions[at]!)
    if (size === 0) continue
    let place = largest.length
    while (place > 0 && size > Math.abs(contributions[largest[place - 1]!]!)) place--
    if (place === told) continue
    largest.splice(place, 0, at)
    if (largest.length > told) largest.pop()
  }
  return largest.map((at) => ({ itemId: itemIds[at]!, contribution: contributions[at]! }))
}

/** Says which past interaction speaks for an item: `Because you rated Alien highly`. */
export function becauseOf(
  itemId: string,
  history: readonly RecentItem[],
  items: Items,
  { ratingScale }: FoldSettings,
): string {
  const title = titleOf(items, itemId)
  const event = history.findLast((past) => past.itemId === itemId)
  if (event?.action === 'rating') {
    const { min, max } = ratingScale
    const isHigh = (event.value ?? min) >= min + 0.7 * (max - min)
    return `Because you rated ${title}${isHigh ? ' highly' : ''}`
  }
  const said = phrases.get(event?.action ?? '')
  return said === undefined ? `Because of ${title}` : said(title)
}

const phrases = new Map<string, (title: string) => string>([
  ['view', (title) => `Because you viewed ${title}`],
  ['click', (title) => `Because you looked at ${title}`],
  ['like', (title) => `Because you liked ${title}`],
  ['cart', (title) => `Because you put ${title} in your cart`],
  ['purchase', (title) => `Because you bought ${title}`],
])

export function titleOf(items: Items, itemId: string): string {
  return items.find(itemId)?.entry?.item.title ?? itemId
}
