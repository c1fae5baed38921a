import type { EventOf } from '../events/by-topic.ts'
import type { RowOf, TableName } from '../rows/tables.ts'
import type { TopicName } from '../topics.ts'
import type { InteractionScan } from './interaction-scan.ts'

/**
 * Bytes for events and rows. An event carries the identity of the schema it was written with; older ones are read
 * into today's shape. Throws `record-unreadable` or `schema-unknown` on bytes it cannot read.
 */
export interface Codec {
  encodeEvent<T extends TopicName>(topic: T, event: EventOf[T]): Uint8Array
  decodeEvent<T extends TopicName>(topic: T, bytes: Uint8Array): EventOf[T]
  /** A new scan of the topic `interactions`, which has met no names yet. */
  scanInteractions(): InteractionScan
  /** Equal rows have equal bytes. */
  encodeRow<T extends TableName>(table: T, row: RowOf[T]): Uint8Array
  decodeRow<T extends TableName>(table: T, bytes: Uint8Array): RowOf[T]
}
