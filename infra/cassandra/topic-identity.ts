import { MillraceError } from '#schemas/errors.ts'
import type { Cassandra } from './connect.ts'
import { execute, executeIf } from './statements.ts'

/** A topic as the broker knows it now. */
export interface TopicIdentity {
  readonly name: string
  readonly epoch: number
  /** Kafka's id of this incarnation: a topic that is deleted and made again has another. */
  readonly id: string
  readonly partitions: number
}

/**
 * Remembers which incarnation of a topic belongs to each epoch, as first seen. Throws `log-went-back` when this one is
 * another: its offsets begin anew, and rows folded from the old one would take new events for ones they have seen.
 */
export async function rememberTopics(cassandra: Cassandra, topics: readonly TopicIdentity[]): Promise<void> {
  for (const topic of topics) {
    const first = await firstSeen(cassandra, topic)
    if (first.id !== topic.id || first.partitions !== topic.partitions) throw anotherTopic(topic, first)
  }
}

type Incarnation = Pick<TopicIdentity, 'id' | 'partitions'>

async function firstSeen(cassandra: Cassandra, topic: TopicIdentity): Promise<Incarnation> {
  const table = `${cassandra.keyspace}.topic_identities`
  const { name, epoch, id, partitions } = topic
  const query = `SELECT id, partitions FROM ${table} WHERE name = ? AND epoch = ?`
  const known = (await execute(cassandra, query, [name, epoch])).first()
  if (known !== null) return { id: known['id'], partitions: known['partitions'] }
  const insert = `INSERT INTO ${table} (name, epoch, id, partitions, first_seen_at)
    VALUES (?, ?, ?, ?, toTimestamp(now())) IF NOT EXISTS`
  const { applied, found } = await executeIf(cassandra, insert, [name, epoch, id, partitions])
  return applied ? topic : { id: found['id'], partitions: found['partitions'] }
}

function anotherTopic(topic: TopicIdentity, first: Incarnation): MillraceError {
  const { name, epoch, id, partitions } = topic
  const what = first.id === id ? `has ${partitions} partitions instead of ${first.partitions}` : 'was made anew'
  const message = `topic ${name} ${what} since epoch ${epoch} began: raise \`epoch\`, so that its events are folded into new rows`
  return new MillraceError('log-went-back', message, { facts: { name, epoch, id, partitions, first } })
}
