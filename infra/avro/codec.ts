import { tableSchemas, topicSchemas } from '#schemas/avro/versions.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'
import type { RowOf, TableName } from '#schemas/rows/tables.ts'
import type { TopicName } from '#schemas/topics.ts'
import { embeddedIdentity } from './identity.ts'
import { interactionScan } from './interaction-scan.ts'
import { subject, type Subject } from './subject.ts'

export interface AvroCodecOptions {
  /** How events name their schema; rows are always ours. Default {@link embeddedIdentity}. */
  readonly identity?: WriterIdentity
}

/** The codec of the log and of the rows: the identity of the writer's schema, then standard Avro binary. */
export function avroCodec(options: AvroCodecOptions = {}): Codec {
  const identity = options.identity ?? embeddedIdentity
  const topics = topicSubjects(identity)
  const tables = tableSubjects()
  return {
    encodeEvent: (topic, event) => topics[topic].encode(event),
    decodeEvent: (topic, bytes) => topics[topic].decode(bytes),
    scanInteractions: () => interactionScan(identity),
    encodeRow: (table, row) => tables[table].encode(row),
    decodeRow: (table, bytes) => tables[table].decode(bytes),
  }
}

function topicSubjects(identity: WriterIdentity): { readonly [T in TopicName]: Subject<EventOf[T]> } {
  const of = <T extends TopicName>(topic: T) => subject<EventOf[T]>(topic, topicSchemas[topic], identity)
  return {
    interactions: of('interactions'),
    impressions: of('impressions'),
    items: of('items'),
    profiles: of('profiles'),
    'user-notices': of('user-notices'),
    'item-notices': of('item-notices'),
    'item-vectors': of('item-vectors'),
    'learned-rankers': of('learned-rankers'),
    models: of('models'),
    'dead-letters': of('dead-letters'),
  }
}

function tableSubjects(): { readonly [T in TableName]: Subject<RowOf[T]> } {
  const of = <T extends TableName>(table: T) => subject<RowOf[T]>(table, tableSchemas[table], embeddedIdentity)
  return {
    'user-heads': of('user-heads'),
    'user-chunks': of('user-chunks'),
    'user-ids': of('user-ids'),
    'item-statistics': of('item-statistics'),
    catalogue: of('catalogue'),
    profiles: of('profiles'),
  }
}
