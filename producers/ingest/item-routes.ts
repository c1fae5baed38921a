import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { BulkItemInput, ItemInput } from '#schemas/api/items.ts'
import { Id } from '#schemas/api/text.ts'
import { BulkAnswer, problemAnswers, WriteAnswer } from '#schemas/api/write-answers.ts'
import type { ItemsEvent } from '#schemas/events/catalogue.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { acceptItem, acceptItems } from './accept-items.ts'
import { bodyValue } from './body-elements.ts'
import type { BodyLimits, WriteBulk } from './bulk-writer.ts'
import type { DeclaredEmbeddings } from './declared-embeddings.ts'
import type { WriteEvents } from './event-writer.ts'
import { withBody } from './request-body.ts'

export interface ItemRoutesOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly bulk: WriteBulk
  readonly bodies: BodyLimits
  readonly write: WriteEvents
  readonly embeddings?: DeclaredEmbeddings | undefined
}

/** `PUT|DELETE /v1/items/{id}` and `POST /v1/items`. */
export function itemRoutes(scope: FastifyInstance, options: ItemRoutesOptions): void {
  const { clock, newId, bulk, bodies, write, embeddings } = options
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  const params = Type.Object({ id: Id })
  const tags = ['items']

  async function put(event: ItemsEvent): Promise<WriteAnswer> {
    return { position: await write('items', [event], itemIdOf) }
  }

  function envelope(itemId: string) {
    const now = clock.now()
    return { id: newId(), itemId, occurredAt: now, acceptedAt: now, source: null, sequence: null }
  }

  app.put(
    '/v1/items/:id',
    {
      schema: {
        tags,
        summary: 'Add or replace an item',
        params,
        body: ItemInput,
        response: { 202: WriteAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const answer = await withBody(request.raw, bodies, async (body) =>
        put({ ...envelope(request.params.id), type: 'upsert', item: acceptItem(bodyValue(body), embeddings) }),
      )
      return reply.code(202).send(answer)
    },
  )

  app.delete(
    '/v1/items/:id',
    {
      schema: {
        tags,
        summary: 'Remove an item',
        description: 'It leaves every list at once. Removing an unknown item is no error.',
        params,
        response: { 202: WriteAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => reply.code(202).send(await put({ ...envelope(request.params.id), type: 'delete' })),
  )

  const kind = {
    topic: 'items' as const,
    accept: (raw: readonly unknown[], now: number) => acceptItems(raw, now, options),
    keyOf: itemIdOf,
  }
  app.post(
    '/v1/items',
    {
      schema: {
        tags,
        summary: 'Add or replace many items',
        description: 'One item, an array, or one a line as NDJSON; gzip too. The last of two with one id is kept.',
        body: {
          content: {
            'application/json': { schema: Type.Union([BulkItemInput, Type.Array(BulkItemInput)]) },
            'application/x-ndjson': { schema: BulkItemInput },
          },
        },
        response: { 202: BulkAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => reply.code(202).send(await bulk(request, kind)),
  )
}

function itemIdOf(event: ItemsEvent): string {
  return event.itemId
}
