import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { Fetched } from '../client.ts'

/** What kafkajs decodes of an answer to a fetch, as far as it is used. Its own types leave it open. */
export interface FetchAnswer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly PartitionAnswer[] }[]
}

export interface PartitionAnswer {
  readonly partition: number
  readonly highWatermark: string
  /** End of what belongs to no open transaction. Brokers older than 0.11 do not say. */
  readonly lastStableOffset?: string
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly messages: readonly FetchedMessage[]
}

export interface FetchedMessage {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly isControlRecord?: boolean
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean }
}

/** Where what can be read ends for now. */
export function readableEnd({ highWatermark, lastStableOffset }: PartitionAnswer): number {
  return Number(lastStableOffset ?? highWatermark)
}

/**
 * The records from `offset` on, without the broker's own marks and without what was written in transactions that were given up. Undefined
 * where the answer holds nothing from there on. A broker sends whole batches, so an answer may begin below the offset asked for.
 */
export function readAnswer(answer: PartitionAnswer, offset: number): Fetched | undefined {
  const isAborted = abortedRecords(answer)
  const records: LogRecord[] = []
  let next: number | undefined
  for (const message of answer.messages) {
    const at = Number(message.offset)
    const isLeftOut = isAborted(message, at)
    if (at < offset) continue
    next = at + 1
    if (isLeftOut || message.isControlRecord === true) continue
    records.push({
      offset: at,
      key: message.key === null ? '' : message.key.toString('utf8'),
      value: message.value ?? noBytes,
      timestamp: Number(message.timestamp),
    })
  }
  return next === undefined ? undefined : { records, next }
}

const noBytes = new Uint8Array(0)

/** Control records carry their type, 0 for an abort, after two bytes of version. */
const abortKey = Buffer.from([0, 0, 0, 0])

/** Tells, asked for each message in order, whether it was written in a transaction that was given up (KIP-98). */
function abortedRecords({
  abortedTransactions,
}: PartitionAnswer): (message: FetchedMessage, offset: number) => boolean {
  const coming = (abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset) - Number(b.firstOffset))
  if (coming.length === 0) return () => false
  const open = new Set<string>()
  return ({ key, isControlRecord, batchContext }, offset) => {
    for (let first = coming[0]; first !== undefined && offset >= Number(first.firstOffset); first = coming[0]) {
      open.add(first.producerId)
      coming.shift()
    }
    if (batchContext === undefined) return false
    if (isControlRecord === true) {
      if (key !== null && key.equals(abortKey)) open.delete(batchContext.producerId)
      return true
    }
    return batchContext.inTransaction && open.has(batchContext.producerId)
  }
}
