import { Compile } from 'typebox/compile'
import { BulkItemInput, ItemInput } from '#schemas/api/items.ts'
import { parseTime } from '#schemas/api/time.ts'
import type { Rejection } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Item, ItemsEvent } from '#schemas/events/catalogue.ts'
import { embeddingFault, storedName, type DeclaredEmbeddings } from './declared-embeddings.ts'
import { importedFrom } from './imported-from.ts'
import { type RawElements, rejection, rejectionOf } from './rejection.ts'

export interface AcceptedItems {
  readonly events: readonly ItemsEvent[]
  readonly rejected: readonly Rejection[]
}

export interface ItemChecks {
  readonly newId: () => string
  /** Default: none is declared. */
  readonly embeddings?: DeclaredEmbeddings | undefined
}

/** Turns bulk items into upserts, or rejects them naming field and reason; never throws. `now` is the moment of acceptance. */
export function acceptItems(raw: RawElements, now: number, { newId, embeddings = none }: ItemChecks): AcceptedItems {
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
    const fault = embeddingFault(element, embeddings)
    if (fault !== undefined) {
      rejected.push(rejection(index, element, 'invalid', fault.field, fault.reason))
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
      item: itemOf(element, embeddings),
    })
  })
  return { events, rejected }
}

/** The item of a single upload. Throws `invalid-input` naming field and reason. */
export function acceptItem(raw: unknown, embeddings: DeclaredEmbeddings = none): Item {
  if (!itemCheck.Check(raw)) {
    const { field, message } = rejectionOf(itemCheck, raw, 0)
    throw new MillraceError('invalid-input', message, { facts: { field } })
  }
  const fault = embeddingFault(raw, embeddings)
  if (fault === undefined) return itemOf(raw, embeddings)
  throw new MillraceError('invalid-input', `${fault.field} ${fault.reason}`, { facts: { field: fault.field } })
}

const none: DeclaredEmbeddings = new Map()

function itemOf(input: ItemInput, embeddings: DeclaredEmbeddings): Item {
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
    embeddingName: storedName(input, embeddings),
  }
}

const itemCheck = Compile(ItemInput)
const bulkCheck = Compile(BulkItemInput)
