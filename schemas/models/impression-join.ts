import { policies, type Impression } from '../events/derived.ts'
import type { InteractionsEvent } from '../events/interactions.ts'
import { weightOf, type FoldSettings } from '../settings.ts'

export interface JoinSettings {
  /** An interaction counts for a list that was shown at most so long before it, ms. */
  readonly windowMs: number
  /** Lists whose window is open at once. With so many a new one is left out: what is joined is a sample, each list of it whole. */
  readonly mostOpen: number
}

export const defaultJoinSettings: JoinSettings = { windowMs: 1_800_000, mostOpen: 50_000 }

/** A drawn list and what came of it. */
export interface JoinedImpression {
  readonly impression: Impression
  /** For each slot, 1 where a positive interaction followed. */
  readonly labels: Uint8Array
}

/** Joins drawn lists with the interactions that followed. Fed in the order of the log or nearly: see {@link acted}. */
export interface ImpressionJoin {
  shown(impression: Impression): void
  /**
   * A positive interaction marks the slot it is attributed to, or, without attribution, the item in the latest open list of
   * its user that has it. An attributed one may come before its list is heard of; of the others that one is lost.
   */
  acted(event: InteractionsEvent): void
  /** Takes out the lists whose window ended at or before `now`, in the order in which they were heard of. */
  closed(now: number): JoinedImpression[]
}

/** Clicks kept whose list has not been heard of. */
const earlyKept = 10_000

export function impressionJoin(settings: FoldSettings, join: JoinSettings = defaultJoinSettings): ImpressionJoin {
  const open = new Map<string, JoinedImpression>()
  const byUser = new Map<string, Set<string>>()
  const early = new Map<string, { readonly itemId: string; readonly position: number; readonly acceptedAt: number }[]>()

  function take(requestId: string): JoinedImpression {
    const list = open.get(requestId)!
    open.delete(requestId)
    const { userId } = list.impression
    const ofUser = byUser.get(userId)
    ofUser?.delete(requestId)
    if (ofUser?.size === 0) byUser.delete(userId)
    return list
  }

  function mark({ impression, labels }: JoinedImpression, position: number, itemId: string, at: number): void {
    if (at > impression.shownAt + join.windowMs) return
    if (impression.slots[position]?.itemId === itemId) labels[position] = 1
  }

  function markUnattributed(userId: string, itemId: string, at: number): void {
    for (const requestId of [...(byUser.get(userId) ?? [])].reverse()) {
      const list = open.get(requestId)!
      const position = list.impression.slots.findIndex((slot) => slot.itemId === itemId)
      if (position === -1 || at < list.impression.shownAt) continue
      mark(list, position, itemId, at)
      return
    }
  }

  return {
    shown(impression) {
      const { policy, requestId, userId } = impression
      if (policy === policies.list || open.has(requestId) || open.size >= join.mostOpen) return
      const list = { impression, labels: new Uint8Array(impression.slots.length) }
      open.set(requestId, list)
      const ofUser = byUser.get(userId)
      if (ofUser === undefined) byUser.set(userId, new Set([requestId]))
      else ofUser.add(requestId)
      for (const click of early.get(requestId) ?? []) mark(list, click.position, click.itemId, click.acceptedAt)
      early.delete(requestId)
    },
    acted(event) {
      if (event.type === 'erase') {
        for (const requestId of Array.from(byUser.get(event.userId) ?? [])) take(requestId)
        return
      }
      if (event.type !== 'interaction' || weightOf(settings, event) <= 0) return
      const { attribution, itemId, userId, acceptedAt } = event
      if (attribution === null) {
        markUnattributed(userId, itemId, acceptedAt)
        return
      }
      const list = open.get(attribution.requestId)
      if (list !== undefined) {
        mark(list, attribution.position, itemId, acceptedAt)
        return
      }
      const clicks = early.get(attribution.requestId) ?? []
      clicks.push({ itemId, position: attribution.position, acceptedAt })
      early.set(attribution.requestId, clicks)
      const oldest = early.size > earlyKept ? early.keys().next().value : undefined
      if (oldest !== undefined) early.delete(oldest)
    },
    closed(now) {
      const done: JoinedImpression[] = []
      for (const [requestId, { impression }] of open) {
        if (impression.shownAt + join.windowMs > now) break
        done.push(take(requestId))
      }
      return done
    },
  }
}
