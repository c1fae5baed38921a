import type { Brokers } from './brokers.ts'
import type { Leader, LedTopic } from './leaders.ts'
import { protocolCode, refused, unreachable } from './failures.ts'
import { listOffsets } from './protocol.ts'

/** Times that stand for an end of the log. */
export const oldest = -2
/** Past the last record that is durable and of no open transaction. */
export const newest = -1

const committedOnly = 1

export interface OffsetsQuestion {
  readonly topic: string
  readonly led: LedTopic
  readonly partitions: readonly number[]
  /** Epoch ms, {@link oldest} or {@link newest}. */
  readonly at: number
}

/** By partition the offset of the first record at or after a time; none where there is none. */
export async function findOffsets(
  brokers: Brokers,
  { topic, led, partitions, at }: OffsetsQuestion,
): Promise<Map<number, number>> {
  const byLeader = Map.groupBy(partitions, (partition) => leaderOf(topic, led, partition))
  const offsets = new Map<number, number>()
  const asked = [...byLeader].map(async ([leader, its]) => {
    const request = its.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp: BigInt(at) }))
    const answer = await brokers.ask(
      leader,
      'where records are',
      async (to) => await listOffsets.async(to, -1, committedOnly, [{ name: topic, partitions: request }]),
    )
    for (const { partitionIndex, errorCode, offset } of answer.topics.flatMap((each) => each.partitions)) {
      if (errorCode !== protocolCode.none) {
        throw refused('to say where records are', errorCode, { topic, partition: partitionIndex })
      }
      if (offset >= 0n) offsets.set(partitionIndex, Number(offset))
    }
  })
  await Promise.all(asked)
  return offsets
}

export function leaderOf(topic: string, led: LedTopic, partition: number): Leader {
  const leader = led.leaders[partition]
  if (leader === undefined) throw unreachable(`: ${topic}/${partition} has no leader`, undefined)
  return leader
}
