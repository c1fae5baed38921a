import * as fc from 'fast-check'
import { errorCodes } from '../errors.ts'
import type { EventOf } from '../events/by-topic.ts'
import { topicNames, type TopicName } from '../topics.ts'

export const text = fc.string({ unit: 'grapheme', maxLength: 40 })
export const long = fc.maxSafeInteger()
export const count = fc.nat({ max: 2 ** 31 - 1 })
export const double = fc.double()

const plain = { noNullPrototype: true }

export function nullable<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.option(value, { nil: null })
}

export function list<Value>(value: fc.Arbitrary<Value>, maxLength = 6): fc.Arbitrary<Value[]> {
  return fc.array(value, { maxLength })
}

export function record<Value>(fields: { [Field in keyof Value]: fc.Arbitrary<Value[Field]> }): fc.Arbitrary<Value> {
  return fc.record(fields, plain)
}

function dictionary<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc.dictionary(text, value, { maxKeys: 5, ...plain })
}

const scalar = fc.oneof(text, double, fc.boolean())
const position = record({ epoch: count, partition: count, offset: long })
const envelope = { id: text, userId: text, occurredAt: long, acceptedAt: long }

export const item = record({
  title: text,
  description: nullable(text),
  categories: list(text),
  tags: list(text),
  attributes: dictionary(scalar),
  price: nullable(double),
  currency: nullable(text),
  available: fc.boolean(),
  publishedAt: nullable(long),
  imageUrl: nullable(text),
  embedding: nullable(list(double)),
  embeddingName: nullable(text),
})

export const profile = record({ attributes: dictionary(scalar), interests: list(text) })

const interaction = record({
  type: fc.constant('interaction' as const),
  ...envelope,
  action: text,
  itemId: text,
  value: nullable(double),
  sessionId: nullable(text),
  context: nullable(dictionary(text)),
  attribution: nullable(record({ requestId: text, position: count })),
  source: nullable(text),
  sequence: nullable(long),
  mended: fc.boolean(),
})

const adopted = record({
  id: text,
  itemId: text,
  action: text,
  value: nullable(double),
  occurredAt: long,
  acceptedAt: long,
  guestOffset: long,
})

const itemEnvelope = {
  id: text,
  itemId: text,
  occurredAt: long,
  acceptedAt: long,
  source: nullable(text),
  sequence: nullable(long),
}

const notice = record({
  type: fc.constant('notice' as const),
  key: text,
  row: fc.constantFrom('user' as const, 'profile' as const, 'statistics' as const, 'catalogue' as const),
  position,
  acceptedAt: long,
})

const generation = { version: text, generation: text, at: long }

/** Any event of each topic. */
export const anyEvent: { readonly [T in TopicName]: fc.Arbitrary<EventOf[T]> } = {
  interactions: fc.oneof(
    interaction,
    record({ type: fc.constant('erase' as const), ...envelope }),
    record({ type: fc.constant('adopt' as const), ...envelope, guestId: text, basedOn: long, history: list(adopted) }),
  ),
  impressions: record({
    type: fc.constant('impression' as const),
    requestId: text,
    userId: text,
    shownAt: long,
    generation: text,
    modelVersion: text,
    variant: text,
    policy: text,
    userPosition: nullable(position),
    slots: list(
      record({
        itemId: text,
        score: double,
        source: text,
        propensity: nullable(double),
        features: dictionary(double),
      }),
    ),
  }),
  items: fc.oneof(
    record({ type: fc.constant('upsert' as const), ...itemEnvelope, item }),
    record({ type: fc.constant('delete' as const), ...itemEnvelope }),
  ),
  profiles: fc.oneof(
    record({ type: fc.constant('upsert' as const), ...envelope, profile }),
    record({ type: fc.constant('delete' as const), ...envelope }),
  ),
  'user-notices': notice,
  'item-notices': notice,
  'item-vectors': record({
    type: fc.constant('item-vector' as const),
    itemId: text,
    modelVersion: text,
    madeFrom: fc.constantFrom('content' as const, 'fold-in' as const),
    vector: fc.float32Array({ maxLength: 16 }),
    positions: list(position),
  }),
  'learned-rankers': record({
    type: fc.constant('learned-ranker' as const),
    modelVersion: text,
    partition: long,
    examples: long,
    z: list(double),
    n: list(double),
    at: long,
  }),
  models: fc.oneof(
    record({ type: fc.constant('claimed' as const), run: text, owner: text, at: long, until: long }),
    record({ type: fc.constant('released' as const), run: text, reason: text, at: long }),
    record({ type: fc.constant('published' as const), run: text, version: text, at: long }),
    record({ type: fc.constant('ready' as const), ...generation, positions: list(position) }),
    record({ type: fc.constant('switched' as const), ...generation, reason: text }),
    record({ type: fc.constant('retired' as const), ...generation }),
    record({
      type: fc.constant('base' as const),
      of: fc.constantFrom('items' as const, 'graph' as const),
      name: text,
      blob: text,
      at: long,
    }),
  ),
  'dead-letters': record({
    type: fc.constant('dead-letter' as const),
    topic: fc.constantFrom(...topicNames),
    position,
    key: text,
    code: fc.constantFrom(...errorCodes),
    message: text,
    at: long,
    bytes: fc.uint8Array({ maxLength: 64 }),
  }),
}
