import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { WakeUps } from '#schemas/wake-ups.ts'
import type { Fetched } from '../client.ts'
import type { FetchedPartition } from './fetch.ts'
import type { FetchedBatch } from './record-batch.ts'
import { wakeUps } from '#schemas/wake-ups.ts'
import { fetchedBatches, recordsOf } from './record-batch.ts'

/** One reader's place on one partition, with what was fetched ahead of it. */
export interface FollowedPartition {
  readonly topic: string
  readonly partition: number
  readonly topicId: string
  readonly until: number
  /** Woken when there is something to take, or a failure. */
  readonly changed: WakeUps
  failure: unknown
  /** Offset that the next fetch begins at. */
  fetchFrom: number
  /** Leader epoch of the last batch fetched, -1 before. */
  lastEpoch: number
  /** Bytes fetched and not taken. */
  heldBytes: number
  /** Fetched and not read yet, oldest first. */
  readonly held: HeldBatch[]
  /** The batch being read. */
  records: readonly LogRecord[]
  /** Of `records` so many were taken. */
  taken: number
  /** Offset to go on from once all `records` are taken. */
  next: number
}

interface HeldBatch {
  readonly batch: FetchedBatch
  /** Of an aborted transaction, or a mark of the broker's own: it holds nothing for readers. */
  readonly isSkipped: boolean
}

export function followedPartition(
  place: Pick<FollowedPartition, 'topic' | 'partition' | 'topicId' | 'until'>,
  offset: number,
): FollowedPartition {
  return {
    ...place,
    changed: wakeUps(),
    failure: undefined,
    fetchFrom: offset,
    lastEpoch: -1,
    heldBytes: 0,
    held: [],
    records: [],
    taken: 0,
    next: offset,
  }
}

/** Takes over what a broker sent of this partition. */
export function hold(follower: FollowedPartition, { bytes, aborted }: FetchedPartition): void {
  const batches = fetchedBatches(bytes)
  const skipped = abortedBatches(batches, aborted)
  for (const batch of batches) {
    if (batch.next <= follower.fetchFrom) continue
    follower.held.push({ batch, isSkipped: batch.isControl || skipped.has(batch) })
    follower.heldBytes += batch.bytes.length
    follower.fetchFrom = batch.next
    follower.lastEpoch = batch.leaderEpoch
  }
}

/** Batches of transactions that were aborted: each from its first offset up to the control batch that ends it. */
function abortedBatches(
  batches: readonly FetchedBatch[],
  aborted: FetchedPartition['aborted'],
): ReadonlySet<FetchedBatch> {
  const found = new Set<FetchedBatch>()
  const ahead = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<bigint>()
  for (const batch of batches) {
    while (ahead[0] !== undefined && ahead[0].firstOffset < batch.next) open.add(ahead.shift()!.producerId)
    if (batch.isControl) open.delete(batch.producerId)
    else if (batch.isTransactional && open.has(batch.producerId)) found.add(batch)
  }
  return found
}

/** The next records that were fetched, at most so many; undefined when nothing is held. */
export function take(follower: FollowedPartition, maxRecords: number): Fetched | undefined {
  const records: LogRecord[] = []
  let hasRead = false
  while (records.length < maxRecords && (follower.taken < follower.records.length || openNext(follower))) {
    hasRead = true
    const end = Math.min(follower.records.length, follower.taken + maxRecords - records.length)
    for (let i = follower.taken; i < end; i++) records.push(follower.records[i]!)
    follower.taken = end
  }
  return hasRead ? { records, next: follower.records[follower.taken]?.offset ?? follower.next } : undefined
}

/** Reads the next held batch; false when there is none. */
function openNext(follower: FollowedPartition): boolean {
  const held = follower.held.shift()
  if (held === undefined) return false
  const { batch, isSkipped } = held
  const from = follower.next
  const records = isSkipped ? [] : recordsOf(batch)
  follower.heldBytes -= batch.bytes.length
  follower.records = batch.baseOffset < from ? records.filter(({ offset }) => offset >= from) : records
  follower.taken = 0
  follower.next = batch.next
  return true
}
