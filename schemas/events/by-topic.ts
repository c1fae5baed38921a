import type { ItemsEvent, ProfilesEvent } from './catalogue.ts'
import type { DeadLetter, Impression, ItemVector, LearnedRanker, ModelEvent, Notice } from './derived.ts'
import type { InteractionsEvent } from './interactions.ts'

/** What a record of each topic says. */
export interface EventOf {
  readonly interactions: InteractionsEvent
  readonly impressions: Impression
  readonly items: ItemsEvent
  readonly profiles: ProfilesEvent
  readonly 'user-notices': Notice
  readonly 'item-notices': Notice
  readonly 'item-vectors': ItemVector
  readonly 'learned-rankers': LearnedRanker
  readonly models: ModelEvent
  readonly 'dead-letters': DeadLetter
}
