import { topics } from '#schemas/topics.ts'
import type { KafkaAdmin } from './client.ts'
import type { KnownTopic } from './known-topics.ts'

export interface RetentionOptions {
  readonly admin: KafkaAdmin
  readonly known: KnownTopic
  readonly now: number
  /** By partition: nothing at or above this offset goes. */
  readonly keepFrom: readonly number[] | undefined
}

/** Removes by time what a topic's retention allows, up to the first record that is to be kept. Compaction is the broker's own work. */
export async function applyRetention({ admin, known, now, keepFrom }: RetentionOptions): Promise<void> {
  const { retention } = topics[known.topic]
  if (retention.type !== 'time') return
  const [young, bounds] = await Promise.all([admin.offsetsAt(known, now - retention.ms), known.bounds()])
  const below = new Map<number, number>()
  for (const [partition, { start, end }] of bounds.entries()) {
    const kept = Math.min(young[partition] ?? end, keepFrom?.[partition] ?? end, end)
    if (kept > start) below.set(partition, kept)
  }
  if (below.size > 0) await admin.deleteRecords(known, below)
}
