import { setImmediate } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import type { RankedList } from '#schemas/models/ranked-list.ts'
import { positionFeature } from '#schemas/models/ranker.ts'
import type { RankingView } from '#schemas/ports/ranking-view.ts'
import { weightOf, type FoldSettings } from '#schemas/settings.ts'
import type { Histories } from '../histories.ts'
import { parts, type Split } from '../splits.ts'
import { eventOf, timelineOf } from './timeline.ts'

export interface DrawnListsOptions {
  readonly histories: Histories
  readonly settings: FoldSettings
  /** Lists are drawn at moments of the held-out part. */
  readonly split: Split
  /** Of a model of the training part, told nothing yet. */
  readonly view: RankingView
  /** About so many. */
  readonly lists: number
  readonly seed: number
  readonly onProgress?: (done: number, total: number) => void | Promise<void>
}

/** Events between two turns of the event loop: others on this thread are not kept waiting for long. */
const eventsAtOnce = 500

/**
 * What could have been shown where nothing was: history is gone through by its times, and at some of the moments when a
 * user came to like a new item of the held-out part, the candidates as of just before are a list of which that item was
 * taken. Lists that did not have it are kept: they say how often candidates are none. All stand at the first place.
 */
export async function drawnLists(options: DrawnListsOptions): Promise<RankedList[]> {
  const { histories, split, view, lists: wanted, seed } = options
  const { entries, users } = timelineOf(histories)
  const moments = momentsOf(options, entries, users)
  const share = wanted / Math.max(1, moments.size)
  const random = seededRandom(seed)
  const drawn: RankedList[] = []
  for (const [offset, entry] of entries.entries()) {
    if (offset % eventsAtOnce === 0) {
      await setImmediate()
      await options.onProgress?.(offset, entries.length)
    }
    const user = users[entry]!
    if (split[entry] === parts.heldOut && moments.has(entry) && random() < share) {
      const list = listAt(view, histories, entry, user)
      if (list !== undefined) drawn.push(list)
    }
    view.apply(...eventOf(histories, entry, user, offset))
  }
  return drawn
}

/** Likings of the held-out part of items that the user had nothing to do with before. */
function momentsOf(
  { histories, settings, split }: DrawnListsOptions,
  entries: Uint32Array,
  users: Uint32Array,
): Set<number> {
  const met = new Set<number>()
  const found = new Set<number>()
  for (const entry of entries) {
    const pair = users[entry]! * histories.itemIds.length + histories.items[entry]!
    const action = histories.actionNames[histories.actions[entry]!]!
    const isLiked = weightOf(settings, { action, value: histories.values[entry]! }) > 0
    if (split[entry] === parts.heldOut && isLiked && !met.has(pair)) found.add(entry)
    met.add(pair)
  }
  return found
}

function listAt(view: RankingView, histories: Histories, entry: number, user: number): RankedList | undefined {
  const at = histories.times[entry]!
  const candidates = view.candidates(histories.userIds[user]!, at)
  if (candidates === undefined || candidates.count === 0) return undefined
  const { count, known, features } = candidates
  const labels = new Uint8Array(count)
  const taken = candidates.rowOf(histories.itemIds[histories.items[entry]!]!)
  if (taken !== undefined) labels[taken] = 1
  const positions = new Float64Array(count).fill(positionFeature(0))
  return { at, known, features: features.slice(), positions, labels }
}
