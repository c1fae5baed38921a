import { decay } from '#schemas/math/exp2.ts'
import { confidenceCap, plainConfidence, type ConfidenceShape } from '#schemas/models/preference.ts'
import { dayMs, weightOf, type FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'

/** Says which entries of the histories belong to a part. */
export type EntryFilter = (entry: number) => boolean

/** How histories become weights. */
export interface WeighingOptions {
  /** Picks the entries that count; all of them by default. */
  readonly keep?: EntryFilter
  /** Default `plainConfidence`. */
  readonly shape?: ConfidenceShape
}

/** Net weights of the users who have any, in columns: pair p of row r lies in starts[r] ≤ p < starts[r + 1]. */
export interface WeighedHistories {
  /** Index of each row's user into the users of the histories, ascending. */
  readonly users: Uint32Array
  /** Event time of each row's newest entry. */
  readonly lastTimes: Float64Array
  readonly starts: Uint32Array
  /** Indices into the items of the histories, in order of first appearance within a row. */
  readonly items: Uint32Array
  /** Net weight on each of `items`, never 0. */
  readonly weights: Float64Array
  /** How fresh each liking is, 1 where nothing ages; 0 for a dislike. */
  readonly likes: Float64Array
}

/** The fast twin of `shapedPreferences`, for all users at once: the same sums in the same order, so the same bits. */
export function weighedHistories(
  histories: Histories,
  settings: FoldSettings,
  { keep, shape = plainConfidence }: WeighingOptions = {},
): WeighedHistories {
  const { starts: from, items: itemOf, actions, values, times } = histories
  const fixed = fixedWeights(histories.actionNames, settings)
  const rows = { users: [] as number[], lastTimes: [] as number[], starts: [0] }
  const items = new Uint32Array(itemOf.length)
  const weights = new Float64Array(itemOf.length)
  const likes = new Float64Array(itemOf.length)
  /** Of each item that the user at hand has met: the pair, plus 1 so that 0 is none. */
  const pairOf = new Uint32Array(histories.itemIds.length)
  const newest = shape.halfLifeDays === 0 ? undefined : new Float64Array(itemOf.length)
  let end = 0

  for (let user = 0; user < histories.userIds.length; user++) {
    const first = end
    let lastTime = -Infinity
    for (let entry = from[user]!; entry < from[user + 1]!; entry++) {
      if (keep !== undefined && !keep(entry)) continue
      const item = itemOf[entry]!
      let pair = pairOf[item]! - 1
      if (pair === -1) {
        pair = end++
        pairOf[item] = pair + 1
        items[pair] = item
        weights[pair] = 0
        if (newest !== undefined) newest[pair] = -Infinity
      }
      weights[pair]! += fixed[actions[entry]!] ?? weightAt(entry)
      const time = times[entry]!
      if (newest !== undefined) newest[pair] = Math.max(newest[pair]!, time)
      lastTime = Math.max(lastTime, time)
    }
    for (let pair = first; pair < end; pair++) pairOf[items[pair]!] = 0
    end = shaped(first, end, lastTime)
    if (end === first) continue
    rows.users.push(user)
    rows.lastTimes.push(lastTime)
    rows.starts.push(end)
  }

  return {
    users: Uint32Array.from(rows.users),
    lastTimes: Float64Array.from(rows.lastTimes),
    starts: Uint32Array.from(rows.starts),
    items: items.subarray(0, end),
    weights: weights.subarray(0, end),
    likes: likes.subarray(0, end),
  }

  function weightAt(entry: number): number {
    const value = values[entry]!
    const action = histories.actionNames[actions[entry]!]!
    return weightOf(settings, { action, value: Number.isNaN(value) ? null : value })
  }

  /** Shapes the sums of one user in place, leaving out those of 0; the new end. */
  function shaped(first: number, last: number, lastTime: number): number {
    const { weightExponent, halfLifeDays } = shape
    let at = first
    for (let pair = first; pair < last; pair++) {
      let weight = Math.max(-confidenceCap, Math.min(confidenceCap, weights[pair]!))
      if (weight === 0) continue
      if (weightExponent !== 1) weight = Math.sign(weight) * Math.pow(Math.abs(weight), weightExponent)
      const fresh = newest === undefined ? 1 : decay(Math.max(0, lastTime - newest[pair]!) / dayMs / halfLifeDays)
      items[at] = items[pair]!
      likes[at] = weight > 0 ? fresh : 0
      weights[at++] = weight * fresh
    }
    return at
  }
}

/** Weight of each action; undefined where it depends on the value. */
function fixedWeights(actionNames: readonly string[], settings: FoldSettings): readonly (number | undefined)[] {
  return actionNames.map((action) => {
    const isRated = Object.hasOwn(settings.actions, action) && settings.actions[action]!.type === 'rating'
    return isRated ? undefined : weightOf(settings, { action, value: null })
  })
}
