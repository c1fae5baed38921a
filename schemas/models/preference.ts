import type { HistoryEntry } from '../rows/user-rows.ts'
import { weightOf, type FoldSettings } from '../settings.ts'

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
