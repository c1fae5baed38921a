import { eventTime } from '../events/interactions.ts'
import { decay } from '../math/exp2.ts'
import type { HistoryEntry } from '../rows/user-rows.ts'
import { dayMs, weightOf, type FoldSettings } from '../settings.ts'

/** Net weights are capped at this size: no single item may drown a history. */
export const confidenceCap = 20

/**
 * Combines all events of a user on an item, in order of first appearance: weights are summed and capped; the sign of
 * the net is the preference, its size the confidence. Items whose net is zero are left out.
 */
export function netPreferences(
  history: readonly Pick<HistoryEntry, 'itemId' | 'action' | 'value'>[],
  settings: FoldSettings,
): Map<string, number> {
  const net = new Map<string, number>()
  for (const entry of history) net.set(entry.itemId, (net.get(entry.itemId) ?? 0) + weightOf(settings, entry))
  for (const [itemId, weight] of net) {
    if (weight === 0) net.delete(itemId)
    else net.set(itemId, Math.max(-confidenceCap, Math.min(confidenceCap, weight)))
  }
  return net
}

/** How a model makes confidences of net weights; part of the model, since users are folded in as it was fitted. */
export interface ConfidenceShape {
  /** Exponent of the size of a net weight: 1 leaves it, 0 makes all alike. */
  readonly weightExponent: number
  /** Days after which what a user did counts half, against the user's newest event; 0 for never. */
  readonly halfLifeDays: number
}

export const plainConfidence: ConfidenceShape = { weightExponent: 1, halfLifeDays: 0 }

/** An interaction of a history. One a client reports with a request has no times: it is taken for the newest. */
export type TimedInteraction = Pick<HistoryEntry, 'itemId' | 'action' | 'value'> &
  Partial<Pick<HistoryEntry, 'occurredAt' | 'acceptedAt'>>

/**
 * Net preferences under a model, with w the net weight, t the time of the user's newest event on the item and T that of
 * the user's newest event on any:
 *
 *     sign(w) |w|^weightExponent 2^(−(T − t) / half-life)
 *
 * Measured against the user's own newest event, never the clock, so that equal histories give equal vectors.
 */
export function shapedPreferences(
  history: readonly TimedInteraction[],
  settings: FoldSettings,
  { weightExponent, halfLifeDays }: ConfidenceShape,
): Map<string, number> {
  const net = netPreferences(history, settings)
  if (weightExponent !== 1) {
    for (const [itemId, weight] of net) net.set(itemId, Math.sign(weight) * Math.pow(Math.abs(weight), weightExponent))
  }
  if (halfLifeDays === 0) return net
  const times = new Map<string, number>()
  for (const entry of history) times.set(entry.itemId, Math.max(times.get(entry.itemId) ?? -Infinity, timeOf(entry)))
  const newest = history
    .map(timeOf)
    .reduce((latest, time) => (time < Infinity ? Math.max(latest, time) : latest), -Infinity)
  for (const [itemId, weight] of net) {
    const days = Math.max(0, newest - times.get(itemId)!) / dayMs
    net.set(itemId, weight * decay(days / halfLifeDays))
  }
  return net
}

function timeOf({ occurredAt, acceptedAt }: TimedInteraction): number {
  return occurredAt === undefined || acceptedAt === undefined ? Infinity : eventTime({ occurredAt, acceptedAt })
}
