import { partitionOf } from '#schemas/partition.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { RowProcessor } from './processor.ts'

/** Where an event was read. */
export interface PlaceOnLog {
  readonly partition: number
  /** Of the topic. */
  readonly partitions: number
}

/**
 * Why an event that can be read is not folded; undefined when it is. Other programs may put anything on a topic, and may choose
 * the partition by another hash: the rows of one key must not grow on two partitions.
 */
export function faultOf<T extends TopicName>(
  processor: Pick<RowProcessor<T>, 'check' | 'keyOf'>,
  event: EventOf[T],
  { partition, partitions }: PlaceOnLog,
): string | undefined {
  const fault = processor.check(event)
  if (fault !== undefined) return fault
  const home = partitionOf(processor.keyOf(event), partitions)
  return home === partition ? undefined : `it is on partition ${partition}, and its key belongs on ${home} (murmur2)`
}
