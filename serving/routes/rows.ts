import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type CountedInteraction, CountedInteractions } from '#schemas/api/interactions.ts'
import { CatalogueItem } from '#schemas/api/items.ts'
import { UserProfile } from '#schemas/api/profiles.ts'
import { Id } from '#schemas/api/text.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { HistoryEntry } from '#schemas/rows/user-rows.ts'

const defaultInteractions = 100

/** What was written, as the fold has it: an item, a profile, what a user did. */
export function rowRoutes(
  features: Pick<FeatureStore, 'user' | 'profile' | 'catalogueEntry'>,
): FastifyPluginAsyncTypebox {
  const params = Type.Object({ id: Id })

  return async (app) => {
    app.get(
      '/v1/items/:id',
      {
        schema: { tags: ['items'], summary: 'An item', params, response: { 200: CatalogueItem, ...problemAnswers } },
      },
      async (request) => {
        const entry = await features.catalogueEntry(request.params.id)
        if (entry === undefined) {
          throw new MillraceError('not-found', `There is no item ${request.params.id}.`, { facts: { field: 'id' } })
        }
        return catalogueItem(entry.itemId, entry.item)
      },
    )

    app.get(
      '/v1/users/:id/profile',
      {
        schema: {
          tags: ['users'],
          summary: "A user's profile",
          params,
          response: { 200: UserProfile, ...problemAnswers },
        },
      },
      async (request) => {
        const profile = await features.profile(request.params.id)
        if (profile === undefined) {
          throw new MillraceError('not-found', `There is no profile of user ${request.params.id}.`, {
            facts: { field: 'id' },
          })
        }
        return { attributes: profile.attributes, interests: [...profile.interests] }
      },
    )

    app.get(
      '/v1/users/:id/interactions',
      {
        schema: {
          tags: ['users'],
          summary: 'What a user did',
          description: 'Only what has been counted, newest first. An unknown user has an empty list.',
          params,
          querystring: Type.Object(
            { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: defaultInteractions })) },
            { additionalProperties: false },
          ),
          response: { 200: CountedInteractions, ...problemAnswers },
        },
      },
      async (request) => {
        const user = await features.user(request.params.id)
        const limit = request.query.limit ?? defaultInteractions
        const newest = (user?.history ?? []).slice(-limit).reverse()
        return { items: newest.map(countedInteraction) }
      },
    )
  }
}

function countedInteraction(entry: HistoryEntry): CountedInteraction {
  return {
    id: entry.id,
    itemId: entry.itemId,
    type: entry.action,
    ...(entry.value === null ? {} : { value: entry.value }),
    occurredAt: entry.occurredAt,
    acceptedAt: entry.acceptedAt,
  }
}

function catalogueItem(id: string, item: Item): CatalogueItem {
  return {
    id,
    title: item.title,
    ...(item.description === null ? {} : { description: item.description }),
    categories: [...item.categories],
    tags: [...item.tags],
    attributes: item.attributes,
    ...(item.price === null ? {} : { price: item.price }),
    ...(item.currency === null ? {} : { currency: item.currency }),
    available: item.available,
    ...(item.publishedAt === null ? {} : { publishedAt: item.publishedAt }),
    ...(item.imageUrl === null ? {} : { imageUrl: item.imageUrl }),
    ...(item.embedding === null ? {} : { embedding: [...item.embedding] }),
    ...(item.embeddingName === null ? {} : { embeddingName: item.embeddingName }),
  }
}
