import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  CatalogueAnswer,
  type CatalogueCard,
  CatalogueQuery,
  CategoriesAnswer,
  UsersAnswer,
  UsersQuery,
} from '#schemas/api/catalogue-reads.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { CatalogueEntry, FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Items } from '../read-model/items.ts'
import { listOf } from './comma-list.ts'

const mostIds = 100
const defaultUsers = 50
/** Users looked at for each one answered, and at most: those with the longest histories are preferred. */
const sampled = { each: 20, most: 1_000 }

/** What a page needs beside the lists: titles and covers, categories, and users to choose from. */
export function catalogueRoutes(items: Items, features: Pick<FeatureStore, 'users'>): FastifyPluginAsyncTypebox {
  const tags = ['catalogue']

  return async (app) => {
    app.get(
      '/v1/catalogue',
      {
        schema: {
          tags,
          summary: 'Items by their ids',
          querystring: CatalogueQuery,
          response: { 200: CatalogueAnswer, ...problemAnswers },
        },
      },
      async ({ query }) => {
        const ids = listOf(query.ids)
        if (ids.length > mostIds) {
          throw new MillraceError('invalid-input', `ids names ${ids.length} items; at most ${mostIds} are answered`, {
            facts: { field: 'ids' },
          })
        }
        const entries = ids.flatMap((id) => items.find(id)?.entry ?? [])
        return { items: entries.map(cardOf) }
      },
    )

    app.get(
      '/v1/categories',
      {
        schema: {
          tags,
          summary: 'Categories, the largest first',
          response: { 200: CategoriesAnswer, ...problemAnswers },
        },
      },
      async () => ({
        categories: items.categories(),
      }),
    )

    app.get(
      '/v1/users',
      {
        schema: {
          tags,
          summary: 'Some users with a history',
          querystring: UsersQuery,
          response: { 200: UsersAnswer, ...problemAnswers },
        },
      },
      async ({ query }) => ({ users: await someUsers(features, query.limit ?? defaultUsers) }),
    )
  }
}

function cardOf({ itemId, item }: CatalogueEntry): CatalogueCard {
  const { title, description, price, currency, available, publishedAt, imageUrl } = item
  const [categories, tags] = [[...item.categories], [...item.tags]]
  return { itemId, title, description, categories, tags, price, currency, available, publishedAt, imageUrl }
}

interface SomeUser {
  readonly userId: string
  readonly interactions: number
  readonly lastAt: number
}

async function someUsers(features: Pick<FeatureStore, 'users'>, limit: number): Promise<SomeUser[]> {
  const found: SomeUser[] = []
  for await (const page of features.users()) {
    for (const { userId, head } of page) {
      const last = head.recent.at(-1)
      if (last !== undefined) found.push({ userId, interactions: head.count, lastAt: last.occurredAt })
    }
    if (found.length >= Math.min(sampled.most, limit * sampled.each)) break
  }
  found.sort((a, b) => b.interactions - a.interactions || (a.userId < b.userId ? -1 : 1))
  return found.slice(0, limit)
}
