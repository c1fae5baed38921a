import type { produceV9 } from '@platformatic/kafka'
import { createAPI, produceV9 as library, Writer } from '@platformatic/kafka'
import { keepingCodes } from './protocol.ts'

/** A batch in its bytes on the way to its partition. */
export interface EncodedBatch {
  readonly topic: string
  readonly partition: number
  readonly bytes: Buffer
}

/** Appends batches that were encoded once and can be sent again as they are: no retry changes a byte or a sequence number. */
export const produce = createAPI<[timeoutMs: number, batches: readonly EncodedBatch[]], produceV9.ProduceResponse>(
  0,
  9,
  createRequest,
  keepingCodes(library.parseResponse),
)

const acksOfAllInSync = -1

function createRequest(timeoutMs: number, batches: readonly EncodedBatch[]): Writer {
  return Writer.create()
    .appendString(null)
    .appendInt16(acksOfAllInSync)
    .appendInt32(timeoutMs)
    .appendArray([...Map.groupBy(batches, ({ topic }) => topic)], (topics, [topic, its]) => {
      topics.appendString(topic).appendArray(its, (partitions, { partition, bytes }) => {
        partitions
          .appendInt32(partition)
          .appendUnsignedVarInt(bytes.length + 1)
          .append(bytes)
      })
    })
    .appendTaggedFields()
}
