import { randomUUID } from 'node:crypto'
import type { EventOf } from '#schemas/events/by-topic.ts'
import { acceptItems } from '#producers/ingest/accept-items.ts'
import { interactionAcceptor } from '#producers/ingest/accept-interactions.ts'
import { headRecogniser, rowRecogniser, sendUnknown } from '#producers/import/known-lines.ts'
import type { ImportedItem } from '#producers/import/imported-events.ts'
import type { BatchAnswer, ImportTarget } from '#producers/import/send-batch.ts'
import { embeddingsOf } from './config.ts'
import type { Parts } from './parts.ts'

/** An import straight into a data folder: the checks of the ingest service, then one durable append a batch. */
export function embeddedTarget(parts: Parts): ImportTarget {
  const { codec, clock, log, features, settings } = parts
  const checks = { newId: randomUUID, embeddings: embeddingsOf(parts.config) }
  const acceptInteractions = interactionAcceptor(settings, randomUUID)

  async function append<T extends 'interactions' | 'items'>(
    topic: T,
    events: readonly EventOf[T][],
    keyOf: (event: EventOf[T]) => string,
  ): Promise<void> {
    const records = events.map((event) => ({ key: keyOf(event), value: codec.encodeEvent(topic, event) }))
    if (records.length > 0) await log.append(topic, records)
  }

  return {
    interactions: sendUnknown(async (raw) => {
      const { events, rejected } = acceptInteractions(raw, clock.now())
      await append('interactions', events, (event) => event.userId)
      return answer(events.length, rejected)
    }, headRecogniser(features)),

    items: sendUnknown(
      async (raw) => {
        const { events, rejected } = acceptItems(raw, clock.now(), checks)
        await append('items', events, (event) => event.itemId)
        return answer(events.length, rejected)
      },
      rowRecogniser<ImportedItem>({ keyOf: (item) => item.id, marks: (itemId) => catalogueMarks(parts, itemId) }),
    ),
  }
}

async function catalogueMarks({ store, codec }: Parts, itemId: string) {
  const [bytes] = await store.read([{ table: 'catalogue', key: itemId, part: 0 }])
  return bytes === undefined ? [] : codec.decodeRow('catalogue', bytes).imports
}

function answer(accepted: number, rejected: BatchAnswer['rejected']): BatchAnswer {
  return { accepted, duplicates: 0, rejected }
}
