import type { AppendRecord } from '#schemas/ports/event-log.ts'
import type { KafkaRecord, PartitionRecords } from './client.ts'

/** Where a record stands. */
export interface Placed {
  readonly partition: number
  readonly offset: number
}

/** What one call gave to be appended, with how far it has come. */
export interface AppendUnderWay {
  readonly topic: string
  readonly records: readonly KafkaRecord[]
  /** Partition of each record. */
  readonly partitions: readonly number[]
  /** Of each record what it is counted with. */
  readonly sizes: readonly number[]
  readonly bytes: number
  /** Of the records that are durable, in order. */
  readonly placed: Placed[]
}

/** Bytes that a record is counted with beyond its key and value. */
const recordOverheadBytes = 32

/** Takes copies of the values: the caller may go on to use their memory. */
export function beginAppend(
  topic: string,
  records: readonly AppendRecord[],
  partitionOf: (key: string) => number,
  timestamp: number,
): AppendUnderWay {
  const sizes: number[] = []
  let bytes = 0
  let valueBytes = 0
  for (const { key, value } of records) {
    const size = recordOverheadBytes + Buffer.byteLength(key) + value.byteLength
    sizes.push(size)
    bytes += size
    valueBytes += value.byteLength
  }
  const values = Buffer.allocUnsafe(valueBytes)
  let from = 0
  const copies = records.map(({ key, value }) => {
    const to = from + value.byteLength
    values.set(value, from)
    const copy = { key, value: values.subarray(from, to), timestamp }
    from = to
    return copy
  })
  return { topic, records: copies, partitions: records.map(({ key }) => partitionOf(key)), sizes, bytes, placed: [] }
}

/** Several appends, whole or in part, as one request. */
export interface Send {
  readonly batches: readonly PartitionRecords[]
  /** All that have a part in it. */
  readonly appends: readonly AppendUnderWay[]
  /** Given the offset of the first record of each batch: places the records; answers with the appends that are whole now. */
  complete(baseOffsets: readonly number[]): AppendUnderWay[]
}

interface Batch extends PartitionRecords {
  readonly records: KafkaRecord[]
  bytes: number
}

interface Part {
  readonly append: AppendUnderWay
  /** Records from `append.placed.length` on up to this one. */
  readonly to: number
}

export interface SendLimits {
  readonly maxSendBytes: number
  readonly maxBatchBytes: number
}

/** Takes from the appends, in order, as much as one send may hold: a prefix of all that waits. */
export function gatherSend(waiting: Iterable<AppendUnderWay>, { maxSendBytes, maxBatchBytes }: SendLimits): Send {
  const batches: Batch[] = []
  const byTopic = new Map<string, (Batch | undefined)[]>()
  const parts: Part[] = []
  let bytes = 0

  function batchesOf(topic: string): (Batch | undefined)[] {
    const found = byTopic.get(topic) ?? []
    byTopic.set(topic, found)
    return found
  }

  function takePart(append: AppendUnderWay): number {
    const { topic, records, partitions, sizes } = append
    const its = batchesOf(topic)
    for (let i = append.placed.length; i < records.length; i++) {
      const [partition, size] = [partitions[i]!, sizes[i]!]
      let batch = its[partition]
      if (bytes > 0 && bytes + size > maxSendBytes) return i
      if (batch !== undefined && batch.bytes + size > maxBatchBytes) return i
      if (batch === undefined) {
        batch = { topic, partition, records: [], bytes: 0 }
        its[partition] = batch
        batches.push(batch)
      }
      batch.records.push(records[i]!)
      batch.bytes += size
      bytes += size
    }
    return records.length
  }

  for (const append of waiting) {
    const to = takePart(append)
    if (to > append.placed.length) parts.push({ append, to })
    if (to < append.records.length) break
  }

  return {
    batches,
    appends: parts.map(({ append }) => append),
    complete(baseOffsets) {
      const next = new Map(batches.map((batch, i) => [batch, baseOffsets[i]!]))
      for (const { append, to } of parts) {
        const its = batchesOf(append.topic)
        for (let i = append.placed.length; i < to; i++) {
          const batch = its[append.partitions[i]!]!
          const offset = next.get(batch)!
          next.set(batch, offset + 1)
          append.placed.push({ partition: batch.partition, offset })
        }
      }
      return parts.map(({ append }) => append).filter(({ placed, records }) => placed.length === records.length)
    },
  }
}
