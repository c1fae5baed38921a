import type { Item } from '#schemas/events/catalogue.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly users: number
  readonly items: number
  /** Interactions that users begin of themselves. */
  readonly events: number
  /** Time of the first session, epoch ms. */
  readonly startAt: number
  /** Sessions begun on an average day. */
  readonly sessionsPerDay?: number
  readonly categories?: number
  /** Share of users that are bots; at least one as soon as it is above 0. */
  readonly botShare?: number
}

export const simulationDefaults = { sessionsPerDay: 2_000, categories: 12, botShare: 0.01 }

/** An interaction as `POST /v1/interactions` takes it. */
export interface SimulatedInteraction {
  readonly id: string
  readonly userId: string
  readonly itemId: string
  readonly type: 'view' | 'click' | 'like' | 'cart' | 'purchase' | 'rating' | 'dislike'
  readonly value?: number
  readonly occurredAt: number
  readonly sessionId: string
  readonly context: { readonly device: string }
  readonly attribution?: { readonly requestId: string; readonly position: number }
}

/** What nobody but the simulation knows of a user. */
export interface SimulatedUser {
  readonly userId: string
  readonly bot: boolean
  /** Categories the user likes, most liked first; a bot has none. */
  readonly favourites: readonly string[]
  /** Place in taste space; items near it are relevant. */
  readonly taste: Float64Array
  /** How often the user comes, relative to others. */
  readonly activity: number
  readonly device: string
}

export interface SimulatedItem {
  readonly itemId: string
  readonly item: Item
  readonly traits: Float64Array
  readonly popularity: number
}

/** One list shown to a user. */
export interface ShownList {
  readonly requestId: string
  readonly userId: string
  /** Item ids, first position first. */
  readonly items: readonly string[]
  readonly shownAt: number
}

/**
 * A world of users and items with its truth. Everything follows from the options: equal options give equal bytes on
 * every engine.
 */
export interface Simulation {
  readonly users: readonly SimulatedUser[]
  readonly items: readonly SimulatedItem[]
  /** What users do of themselves, in the order of time; each call begins anew. */
  interactions(): Generator<SimulatedInteraction>
  /** How much the item suits the user, in (0, 1). */
  relevance(userId: string, itemId: string): number
  /** Probability of a click on an item shown at a position, from 0: examination there times relevance. */
  clickProbability(userId: string, itemId: string, position: number): number
  /** What the user does with a list: each item is clicked independently with its click probability, some clicks are followed by more. */
  respond(list: ShownList): readonly SimulatedInteraction[]
}
