export const topicNames = [
  'interactions',
  'impressions',
  'items',
  'profiles',
  'user-notices',
  'item-notices',
  'item-vectors',
  'learned-rankers',
  'models',
  'dead-letters',
] as const

export type TopicName = (typeof topicNames)[number]

export type Retention =
  | { readonly type: 'for-ever' }
  | { readonly type: 'time'; readonly ms: number }
  /** The newest record of each key is kept for ever; nothing younger than `minAgeMs` is removed. */
  | { readonly type: 'compact'; readonly minAgeMs: number }

export interface TopicDefinition {
  readonly name: TopicName
  /** What the record key is: it decides the partition. */
  readonly key: 'user' | 'item' | 'partition' | 'none' | 'source'
  /** `source` topics share one number of partitions, fixed for life; `single` topics have one, a total order. */
  readonly partitions: 'source' | 'single'
  readonly retention: Retention
  /** One sentence for people. */
  readonly holds: string
}

const day = 86_400_000

/** Design section 3 as a value: created from here, drawn from here, checked against here. */
export const topics: Readonly<Record<TopicName, TopicDefinition>> = {
  interactions: {
    name: 'interactions',
    key: 'user',
    partitions: 'source',
    retention: { type: 'for-ever' },
    holds: 'what a user did; also `erase` and `adopt`',
  },
  impressions: {
    name: 'impressions',
    key: 'user',
    partitions: 'source',
    retention: { type: 'time', ms: 90 * day },
    holds: 'what a user was shown, with propensities; at most once',
  },
  items: {
    name: 'items',
    key: 'item',
    partitions: 'source',
    retention: { type: 'compact', minAgeMs: 30 * day },
    holds: 'catalogue items, upserted or deleted',
  },
  profiles: {
    name: 'profiles',
    key: 'user',
    partitions: 'source',
    retention: { type: 'compact', minAgeMs: 30 * day },
    holds: 'user profiles, upserted or deleted',
  },
  'user-notices': {
    name: 'user-notices',
    key: 'user',
    partitions: 'source',
    retention: { type: 'time', ms: 7 * day },
    holds: 'a row of this user changed, with its position; no state inside',
  },
  'item-notices': {
    name: 'item-notices',
    key: 'item',
    partitions: 'source',
    retention: { type: 'time', ms: 7 * day },
    holds: 'a row of this item changed, with its position; no state inside',
  },
  'item-vectors': {
    name: 'item-vectors',
    key: 'item',
    partitions: 'source',
    retention: { type: 'time', ms: 7 * day },
    holds: 'a streaming vector of a new item, with the model and positions it saw',
  },
  'learned-rankers': {
    name: 'learned-rankers',
    key: 'partition',
    partitions: 'single',
    retention: { type: 'compact', minAgeMs: day / 24 },
    holds: 'what the lists of a partition of users have taught the ranker since its refit',
  },
  models: {
    name: 'models',
    key: 'none',
    partitions: 'single',
    retention: { type: 'for-ever' },
    holds: 'the life of every model and generation, in one total order',
  },
  'dead-letters': {
    name: 'dead-letters',
    key: 'source',
    partitions: 'source',
    retention: { type: 'time', ms: 365 * day },
    holds: 'records that could not be read or folded, with position and code',
  },
}
