import type { EventOf } from '../events/by-topic.ts'
import type { RowOf, TableName } from '../rows/tables.ts'
import type { TopicName } from '../topics.ts'
import { catalogueV1, catalogueV2, profileRowsV1 } from './catalogue-rows.ts'
import { itemsV1, itemsV2, profilesV1 } from './catalogue.ts'
import { deadLettersV1 } from './dead-letters.ts'
import { impressionsV1 } from './impressions.ts'
import { interactionsV1, interactionsV2 } from './interactions.ts'
import { itemStatisticsV1 } from './item-statistics.ts'
import { itemVectorsV1 } from './item-vectors.ts'
import { learnedRankersV1 } from './learned-rankers.ts'
import { modelsV1, modelsV2 } from './models.ts'
import { noticesV1 } from './notices.ts'
import type { AvroSchema } from './schema.ts'
import { userChunksV1, userHeadsV1, userIdsV1 } from './user-rows.ts'

/**
 * All versions of a schema that may still be met, oldest first; version n is the n-th, and is never changed once
 * released. The newest has the shape of today's type, and reads every older one (BACKWARD_TRANSITIVE).
 */
export type Versions<Shape> = readonly [...older: AvroSchema<unknown>[], newest: AvroSchema<Shape>]

export const topicSchemas: { readonly [T in TopicName]: Versions<EventOf[T]> } = {
  interactions: [interactionsV1, interactionsV2],
  impressions: [impressionsV1],
  items: [itemsV1, itemsV2],
  profiles: [profilesV1],
  'user-notices': [noticesV1],
  'item-notices': [noticesV1],
  'item-vectors': [itemVectorsV1],
  'learned-rankers': [learnedRankersV1],
  models: [modelsV1, modelsV2],
  'dead-letters': [deadLettersV1],
}

export const tableSchemas: { readonly [T in TableName]: Versions<RowOf[T]> } = {
  'user-heads': [userHeadsV1],
  'user-chunks': [userChunksV1],
  'user-ids': [userIdsV1],
  'item-statistics': [itemStatisticsV1],
  catalogue: [catalogueV1, catalogueV2],
  profiles: [profileRowsV1],
}
