import type { Brokers } from './brokers.ts'
import { MillraceError } from '#schemas/errors.ts'
import { lookUp, sameTopic } from './leaders.ts'
import { findOffsets, newest, oldest } from './offsets.ts'

export interface MissedOffset {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly offset: number
}

/** Why a broker refused an offset: the error that its reader gets. */
export async function missedOffset(brokers: Brokers, missed: MissedOffset): Promise<MillraceError> {
  const { topic, topicId, partition, offset } = missed
  const led = sameTopic(topic, topicId, await lookUp(brokers, [topic]))
  const [starts, ends] = await Promise.all(
    [oldest, newest].map(async (at) => await findOffsets(brokers, { topic, led, partitions: [partition], at })),
  )
  const [start, end] = [starts?.get(partition) ?? 0, ends?.get(partition) ?? 0]
  const facts = { topic, partition, offset, start, end }
  if (offset < start)
    return new MillraceError('log-truncated', `${topic} no longer holds the offset asked for`, { facts })
  if (offset > end) return new MillraceError('log-went-back', `${topic} ends before the offset asked for`, { facts })
  return new MillraceError('store-failed', `Kafka refused an offset that is there`, { retriable: true, facts })
}
