/**
 * @typedef {{ itemId: string, score: number, confidence: number, explanation: string, source: string, position: number,
 *   because: { itemId: string, contribution: number }[], features: Record<string, number> }} Recommendation
 * @typedef {{ items: Recommendation[], requestId: string, modelVersion: string | null, generation: string | null,
 *   degraded: string[] }} Answer
 * @typedef {{ id: string, itemId: string, type: string, value?: number, occurredAt: number, acceptedAt: number }} Interaction
 * @typedef {{ durable: number, listed: number, drawn: number }} Timing ms since the click was sent
 * @typedef {{ moves: Map<string, number | 'new'>, left: number }} Moves
 */

/** @type {Set<(changes: object) => void>} */
const listeners = new Set()

/**
 * What the page knows; changed by `change` only. `timings` are those of the last clicks, newest last; `moves` is what the
 * last one did to the list.
 *
 * @type {{ user?: string, recommended?: Answer, trending?: Answer, history?: Interaction[], timings: Timing[], moves?: Moves }}
 */
export const state = { timings: [] }

/** Sets some of the state and tells who listens what changed. */
export function change(changes) {
  Object.assign(state, changes)
  for (const listener of listeners) listener(changes)
}

/** Calls back after every change of one of the named parts. */
export function onChange(names, listener) {
  listeners.add((changes) => {
    if (names.some((name) => Object.hasOwn(changes, name))) listener()
  })
}
