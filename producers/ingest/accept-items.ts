import { Compile } from 'typebox/compile'
import { BulkItemInput, ItemInput } from '#schemas/api/items.ts'
import { parseTime } from '#schemas/api/time.ts'
import type { Rejection } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Item, ItemsEvent } from '#schemas/events/catalogue.ts'
import { importedFrom } from './imported-from.ts'
import { type RawElements, rejection, rejectionOf } from './rejection.ts'

export interface AcceptedItems {
  readonly events: readonly ItemsEvent[]
  readonly rejected: readonly Rejection[]
}

/** Turns bulk items into upserts, or rejects them naming field and reason; never throws. `now` is the moment of acceptance. */
export function acceptItems(raw: RawElements, now: number, newId: () => string): AcceptedItems {
  const events: ItemsEvent[] = []
  const rejected: Rejection[] = []
  raw.forEach((element, index) => {
    if (!bulkCheck.Check(element)) {
      rejected.push(rejectionOf(bulkCheck, element, index))
      return
    }
    const imported = importedFrom(element)
    if (imported === 'incomplete') {
      rejected.push(rejection(index, element, 'invalid', 'source', 'and sequence must come together'))
      return
    }
    events.push({
      type: 'upsert',
      id: imported === undefined ? newId() : `${imported.source}:${imported.sequence}`,
      itemId: element.id,
      occurredAt: now,
      acceptedAt: now,
      source: imported?.source ?? null,
      sequence: imported?.sequence ?? null,
      item: itemOf(element),
    })
  })
  return { events, rejected }
}

/** The item of a single upload. Throws `invalid-input` naming field and reason. */
export function acceptItem(raw: unknown): Item {
  if (itemCheck.Check(raw)) return itemOf(raw)
  const { field, message } = rejectionOf(itemCheck, raw, 0)
  throw new MillraceError('invalid-input', message, { facts: { field } })
}

function itemOf(input: ItemInput): Item {
  return {
    title: input.title,
    description: input.description ?? null,
    categories: input.categories ?? [],
    tags: input.tags ?? [],
    attributes: input.attributes ?? {},
    price: input.price ?? null,
    currency: input.currency?.toUpperCase() ?? null,
    available: input.available ?? true,
    publishedAt: parseTime(input.publishedAt) ?? null,
    imageUrl: input.imageUrl ?? null,
    embedding: input.embedding ?? null,
  }
}

const itemCheck = Compile(ItemInput)
const bulkCheck = Compile(BulkItemInput)
