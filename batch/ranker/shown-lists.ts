import { policies, type Impression } from '#schemas/events/derived.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import { impressionJoin, type JoinedImpression, type JoinSettings } from '#schemas/models/impression-join.ts'
import { listAsServed, positionsOf, type RankedList } from '#schemas/models/ranked-list.ts'
import { featureCount } from '#schemas/models/ranker.ts'
import { isMillraceError } from '#schemas/errors.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { RankingView } from '#schemas/ports/ranking-view.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { PlaceOnLog } from '../read-histories.ts'
import { mergedByTime } from './merged-by-time.ts'

export interface ShownListsOptions {
  readonly log: Pick<EventLog, 'read' | 'bounds' | 'partitions'>
  readonly codec: Pick<Codec, 'decodeEvent'>
  readonly settings: FoldSettings
  readonly join?: JoinSettings
  /** Why a readable event is not to be folded. */
  readonly faultOf?: (event: InteractionsEvent, place: PlaceOnLog) => string | undefined
  /** Of the model in service, told nothing yet; without it the features are those that serving recorded. */
  readonly asOf?: { readonly version: string; readonly view: RankingView } | undefined
}

/**
 * Every drawn list on the log with what came of it, in the order in which they were shown. The features of a list that was
 * drawn from the user's row under the version viewed are computed anew, as of the moment it was shown, by the code that
 * serves; those of other lists, and of one with an item that is no candidate in the view, are what serving recorded.
 */
export async function shownLists(options: ShownListsOptions): Promise<RankedList[]> {
  const { settings, join, asOf } = options
  const joining = impressionJoin(settings, join)
  const features = new Map<string, Pick<RankedList, 'features' | 'known'>>()
  const lists: RankedList[] = []

  function take(joined: readonly JoinedImpression[]): void {
    for (const one of joined) {
      const served = listAsServed(one)
      const { requestId } = one.impression
      if (served !== undefined) lists.push({ ...served, ...features.get(requestId) })
      features.delete(requestId)
    }
  }

  for await (const said of mergedByTime(await sourcesOf(options), ({ time }) => time)) {
    take(joining.closed(said.time))
    if (said.type === 'shown') {
      joining.shown(said.impression)
      const anew = asOf === undefined ? undefined : featuresAsOf(asOf, said.impression)
      if (anew !== undefined) features.set(said.impression.requestId, anew)
    } else {
      joining.acted(said.event)
      asOf?.view.apply(said.event, said.at)
    }
  }
  take(joining.closed(Infinity))
  return lists
}

/** What serving should have seen of the items of a list. Undefined for a list of which the log does not say it. */
export function featuresAsOf(
  { version, view }: { readonly version: string; readonly view: RankingView },
  impression: Impression,
): Pick<RankedList, 'features' | 'known' | 'positions'> | undefined {
  const { policy, modelVersion, userId, shownAt, slots } = impression
  if (policy !== policies.drawn || modelVersion !== version) return undefined
  const candidates = view.candidates(userId, shownAt)
  if (candidates === undefined) return undefined
  const features = new Float64Array(slots.length * featureCount)
  for (const [at, { itemId }] of slots.entries()) {
    const row = candidates.rowOf(itemId)
    if (row === undefined) return undefined
    features.set(candidates.features.subarray(row * featureCount, (row + 1) * featureCount), at * featureCount)
  }
  return { features, known: candidates.known, positions: positionsOf(slots) }
}

type Said =
  | { readonly type: 'shown'; readonly time: number; readonly impression: Impression }
  | { readonly type: 'acted'; readonly time: number; readonly event: InteractionsEvent; readonly at: FoldAt }

async function sourcesOf(options: ShownListsOptions): Promise<AsyncIterable<Said>[]> {
  const { log } = options
  const [shown, acted] = await Promise.all([log.bounds('impressions'), log.bounds('interactions')])
  if (shown.every(({ start, end }) => end <= start)) return []
  return [
    ...acted.map((bounds) => interactionsOf(options, bounds)),
    ...shown.map((bounds) => impressionsOf(options, bounds)),
  ]
}

type Bounds = Awaited<ReturnType<EventLog['bounds']>>[number]

async function* interactionsOf({ log, codec, faultOf }: ShownListsOptions, bounds: Bounds): AsyncGenerator<Said> {
  const { epoch, partition, start, end } = bounds
  const place = { partition, partitions: log.partitions('interactions') }
  if (start >= end) return
  for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
    for (const { offset, value } of records) {
      if (offset >= end) return
      const event = readable(() => codec.decodeEvent('interactions', value))
      if (event === undefined || faultOf?.(event, place) !== undefined) continue
      const { acceptedAt } = event
      yield { type: 'acted', time: acceptedAt, event, at: { epoch, partition, offset, acceptedAt } }
    }
  }
}

async function* impressionsOf({ log, codec }: ShownListsOptions, bounds: Bounds): AsyncGenerator<Said> {
  const { epoch, partition, start, end } = bounds
  if (start >= end) return
  for await (const records of log.read('impressions', { epoch, partition, offset: start })) {
    for (const { offset, value } of records) {
      if (offset >= end) return
      const impression = readable(() => codec.decodeEvent('impressions', value))
      if (impression !== undefined) yield { type: 'shown', time: impression.shownAt, impression }
    }
  }
}

/** Undefined for bytes that will never be readable. */
function readable<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (isMillraceError(error, 'record-unreadable')) return undefined
    throw error
  }
}
