/** Where and when someone asks. Absent members are not known. */
export interface Context {
  readonly location?: string
  /** Such as `phone` or `desktop`. */
  readonly device?: string
  /** Milliseconds since 1970, or ISO 8601. */
  readonly time?: number | string
  readonly sessionId?: string
  /** What the app knows of the session, by name. */
  readonly sessionFeatures?: Readonly<Record<string, unknown>>
}

export interface ListOptions {
  /** Items in the answer, 1 to 100. Default 20. */
  readonly limit?: number
  /** Only items of this category. */
  readonly category?: string
}

export interface RecommendationOptions extends ListOptions {
  /** Items to leave out, up to 1,000. */
  readonly exclude?: readonly string[]
  /** Only these may be recommended. */
  readonly items?: readonly string[]
  /** What a guest did, or what was not recorded yet; oldest first, up to 200. */
  readonly recent?: readonly { readonly itemId: string; readonly type: string; readonly value?: number }[]
  /** `nextCursor` of a list before: the page after it. */
  readonly cursor?: string
  /** `position` of an acknowledgement that the answer is to reflect. */
  readonly after?: string
}

export interface Recommendation {
  readonly itemId: string
  /** The sum of `features`. */
  readonly score: number
  /** How much is known, 0 to 1; not a probability. */
  readonly confidence: number
  /** A sentence. */
  readonly explanation: string
  /** The addends of the score by name; those of 0 are left out. */
  readonly features: Readonly<Record<string, number>>
  /** Past items with the largest signed contributions. */
  readonly because: readonly { readonly itemId: string; readonly contribution: number }[]
  /** Where the item came from. */
  readonly source: string
  /** Place in the list from 0: with the list's `requestId` it is the `attribution` of what the user does with it. */
  readonly position: number
}

/** Recommendations, best first; the array itself also carries what is true of the whole answer. */
export interface Recommendations extends ReadonlyArray<Recommendation> {
  readonly requestId: string
  readonly modelVersion: string | null
  readonly generation: string | null
  readonly variant: string
  /** What the answer could not be made of; empty when it is whole. */
  readonly degraded: readonly string[]
  readonly nextCursor: string | null
}

export interface Interaction {
  /** Idempotency key: an interaction sent again under its id counts once. Made by the client when absent. */
  readonly id?: string
  readonly userId: string
  readonly itemId: string
  /** `view`, `click`, `like`, `cart`, `purchase`, `rating`, `dislike`, `remove`, or one of your own. */
  readonly type: string
  /** Needed by a `rating`. */
  readonly value?: number
  /** Milliseconds since 1970, or ISO 8601. Default: the moment of the call. */
  readonly occurredAt?: number | string
  readonly sessionId?: string
  readonly context?: Readonly<Record<string, string | number | boolean>>
  /** The recommendation it answers to. */
  readonly attribution?: { readonly requestId: string; readonly position: number }
}

export interface Profile {
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** Categories the user declared an interest in. */
  readonly interests?: readonly string[]
}

/** The server has it durably. */
export interface Acknowledgement {
  /** Where it stands on the log, or behind it: what `after` takes. */
  readonly position: string
}

/** Every call rejects with a `MillraceClientError`. */
export interface RecommendationService {
  getRecommendations(userId: string, context?: Context, options?: RecommendationOptions): Promise<Recommendations>
  getSimilarItems(itemId: string, options?: ListOptions): Promise<Recommendations>
  getTrendingItems(category?: string, options?: Omit<ListOptions, 'category'>): Promise<Recommendations>
  /** Resolves once the interaction is durable on the server; rejects when the server refuses it or cannot be reached. */
  recordInteraction(interaction: Interaction): Promise<Acknowledgement>
  /** Sets or replaces the profile. */
  updateUserProfile(userId: string, profile: Profile): Promise<Acknowledgement>
}
