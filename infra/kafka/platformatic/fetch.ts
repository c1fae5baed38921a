import type { Reader } from '@platformatic/kafka'
import { createAPI, fetchV13, readKnownTaggedFields, type Writer } from '@platformatic/kafka'

/** Where one partition is to be read on. */
export interface FetchFrom {
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  /** Leader epoch of the last batch read, -1 before the first: the broker says so when its log has gone another way since. */
  readonly lastEpoch: number
}

export interface FetchLimits {
  /** Wait so long for a first record. */
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly maxPartitionBytes: number
}

export interface FetchedPartition {
  readonly topicId: string
  readonly partition: number
  readonly code: number
  /** The log differs from what was read: offsets at or above `lastEpoch` are others now. */
  readonly diverges: boolean
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[]
  /** Record batches as the broker keeps them, the last perhaps cut short. */
  readonly bytes: Buffer
}

export interface FetchAnswer {
  readonly code: number
  readonly partitions: readonly FetchedPartition[]
}

/** Reads by topic id, committed records only. The library's answer would read every record before it gives the first. */
export const fetchPartitions = createAPI<[from: readonly FetchFrom[], limits: FetchLimits], FetchAnswer>(
  1,
  13,
  createRequest,
  parseAnswer,
)

const readCommitted = 1
const noSession = { id: 0, epoch: -1 }

function createRequest(from: readonly FetchFrom[], { maxWaitMs, maxBytes, maxPartitionBytes }: FetchLimits): Writer {
  const topics = [...Map.groupBy(from, ({ topicId }) => topicId)].map(([topicId, partitions]) => ({
    topicId,
    partitions: partitions.map(({ partition, offset, leaderEpoch, lastEpoch }) => ({
      partition,
      currentLeaderEpoch: leaderEpoch,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: lastEpoch,
      partitionMaxBytes: maxPartitionBytes,
    })),
  }))
  return fetchV13.createRequest(maxWaitMs, 1, maxBytes, readCommitted, noSession.id, noSession.epoch, topics, [], '')
}

const empty = Buffer.alloc(0)

function parseAnswer(_correlation: number, _key: number, _version: number, reader: Reader): FetchAnswer {
  reader.readInt32()
  const code = reader.readInt16()
  reader.readInt32()
  const partitions = reader
    .readArray((topic) => {
      const topicId = topic.readUUID()
      return topic.readArray((each) => readPartition(topicId, each), true, false)
    })
    .flat()
  reader.readTaggedFields()
  return { code, partitions }
}

function readPartition(topicId: string, reader: Reader): FetchedPartition {
  const partition = reader.readInt32()
  const code = reader.readInt16()
  // High watermark, last stable offset and start of the log, eight bytes each.
  reader.skip(24)
  const aborted = reader.readNullableArray((each) => ({
    producerId: each.readInt64(),
    firstOffset: Number(each.readInt64()),
  }))
  reader.readInt32()
  const size = reader.readUnsignedVarInt() - 1
  const bytes = size > 0 ? reader.buffer.slice(reader.position, reader.position + size) : empty
  if (size > 0) reader.skip(size)
  let diverges = false
  readKnownTaggedFields(reader, {
    0: (field) => {
      diverges = field.readInt32() >= 0
      field.readInt64()
    },
  })
  return { topicId, partition, code, diverges, aborted: aborted ?? [], bytes }
}
