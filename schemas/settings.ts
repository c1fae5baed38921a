import type { Interaction } from './events/interactions.ts'

/** How much one interaction says: a fixed weight, or one that grows with the value's place on the rating scale. */
export type ActionWeight =
  | { readonly type: 'fixed'; readonly weight: number }
  | { readonly type: 'rating'; readonly low: number; readonly high: number }

/** What the reducers depend on. Rows folded under other settings belong to another generation. */
export interface FoldSettings {
  /** Interaction types by name; a negative weight is negative feedback. */
  readonly actions: Readonly<Record<string, ActionWeight>>
  /** Inclusive range of `value` for interaction types of type `rating`. */
  readonly ratingScale: { readonly min: number; readonly max: number }
  /** Half-lives of the item counts, ms. */
  readonly fastHalfLifeMs: number
  readonly slowHalfLifeMs: number
  /** A pause longer than this begins a new session. */
  readonly sessionGapMs: number
  readonly limits: RowLimits
}

/** Bounds of the rows. */
export interface RowLimits {
  /** Interactions in a head, and in a chunk. */
  readonly head: number
  /** Chunks kept in the ring: with the head they hold at least the last 1,000 interactions. */
  readonly chunks: number
  /** Interactions of a user that count, in serving and in training. */
  readonly history: number
  /** Recent items of a user that a new interaction is counted as co-viewed with. */
  readonly coViewWindow: number
  /** SpaceSaving counters of an item. */
  readonly coViews: number
  /** Distinct users remembered by an item. */
  readonly itemUsers: number
  /** A repeated id is recognised for this long, on the user's clock. */
  readonly idWindowMs: number
}

const hour = 3_600_000

/** The bounds every deployment has: only tests use others, to reach them sooner. */
export const rowLimits: RowLimits = {
  head: 64,
  chunks: 16,
  history: 1_000,
  coViewWindow: 3,
  coViews: 400,
  itemUsers: 64,
  idWindowMs: 7 * 24 * hour,
}

export const defaultFoldSettings: FoldSettings = {
  actions: {
    view: { type: 'fixed', weight: 1 },
    click: { type: 'fixed', weight: 2 },
    like: { type: 'fixed', weight: 4 },
    cart: { type: 'fixed', weight: 6 },
    purchase: { type: 'fixed', weight: 10 },
    rating: { type: 'rating', low: -5, high: 10 },
    dislike: { type: 'fixed', weight: -6 },
    remove: { type: 'fixed', weight: -3 },
  },
  ratingScale: { min: 1, max: 5 },
  fastHalfLifeMs: 6 * hour,
  slowHalfLifeMs: 7 * 24 * hour,
  sessionGapMs: hour / 2,
  limits: rowLimits,
}

export const dayMs = 24 * hour

/** Weight of one interaction; 0 for a type that is no longer configured. */
export function weightOf(settings: FoldSettings, event: Pick<Interaction, 'action' | 'value'>): number {
  const action = Object.hasOwn(settings.actions, event.action) ? settings.actions[event.action] : undefined
  if (action === undefined) return 0
  switch (action.type) {
    case 'fixed':
      return action.weight
    case 'rating': {
      const { min, max } = settings.ratingScale
      const place = Math.min(1, Math.max(0, ((event.value ?? min) - min) / (max - min)))
      return action.low + (action.high - action.low) * place
    }
  }
}
