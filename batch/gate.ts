/** Held-out NDCG@10 of models fitted to the same part of the log; undefined where there was nothing to judge by. */
export interface GateScores {
  readonly candidate: number | undefined
  /** Of the model served so far; undefined without one. */
  readonly incumbent: number | undefined
  readonly popularity: number | undefined
}

export type GateDecision =
  /** `first`: nothing is served yet. `unmeasured`: nothing to judge by. `as-good`: within the allowed share, or better. */
  | { readonly type: 'publish'; readonly because: 'first' | 'unmeasured' | 'as-good' }
  | { readonly type: 'refuse'; readonly candidate: number; readonly incumbent: number; readonly allowed: number }

/**
 * Refuses a candidate whose NDCG@10 is below the incumbent's by more than `share` of it. A first model is published
 * whatever its score: popularity's is put on record beside it.
 */
export function decideGate({ candidate, incumbent }: GateScores, share: number): GateDecision {
  if (incumbent === undefined) return { type: 'publish', because: candidate === undefined ? 'unmeasured' : 'first' }
  if (candidate === undefined) return { type: 'publish', because: 'unmeasured' }
  const allowed = incumbent * (1 - share)
  return candidate >= allowed
    ? { type: 'publish', because: 'as-good' }
    : { type: 'refuse', candidate, incumbent, allowed }
}
