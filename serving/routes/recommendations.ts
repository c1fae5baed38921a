import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  RecommendationAnswer,
  RecommendationBody,
  RecommendationQuery,
  SimilarPath,
  SimilarQuery,
  TrendingQuery,
  UserPath,
} from '#schemas/api/recommendations.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import type { RecommendRequest } from '../recommend/request.ts'
import { listOf } from './comma-list.ts'

/** What the routes answer with. */
export interface Recommender {
  recommend(request: RecommendRequest): Promise<RecommendationAnswer>
  similar(asked: { itemId: string; limit: number; category: string | undefined }): RecommendationAnswer
  trending(asked: { limit: number; category: string | undefined }): RecommendationAnswer
}

const defaultLimit = 20

/** Lists for users, guests and items; all in the same envelope. */
export function recommendationRoutes(recommender: Recommender): FastifyPluginAsyncTypebox {
  const response = { 200: RecommendationAnswer, ...problemAnswers }
  const tags = ['recommendations']

  return async (app) => {
    app.get(
      '/v1/users/:id/recommendations',
      {
        schema: { tags, summary: 'What to show a user', params: UserPath, querystring: RecommendationQuery, response },
      },
      ({ params, query }) =>
        recommender.recommend({
          userId: params.id,
          limit: query.limit ?? defaultLimit,
          category: query.category,
          exclude: listOf(query.exclude),
          allow: undefined,
          recent: [],
          context: contextOf(query),
          cursor: query.cursor,
          after: query.after,
        }),
    )

    app.post(
      '/v1/recommendations',
      {
        schema: {
          tags,
          summary: 'What to show a guest, or out of a list of items',
          body: RecommendationBody,
          response,
        },
      },
      ({ body }) =>
        recommender.recommend({
          userId: body.userId,
          limit: body.limit ?? defaultLimit,
          category: body.category,
          exclude: body.exclude ?? [],
          allow: body.items,
          recent: (body.recent ?? []).map(({ itemId, type, value }) => ({
            itemId,
            action: type,
            value: value ?? null,
          })),
          context: contextOf(body.context ?? {}),
          cursor: body.cursor,
          after: body.after,
        }),
    )

    app.get(
      '/v1/items/:id/similar',
      { schema: { tags, summary: 'Items like an item', params: SimilarPath, querystring: SimilarQuery, response } },
      async ({ params, query }) =>
        recommender.similar({ itemId: params.id, limit: query.limit ?? defaultLimit, category: query.category }),
    )

    app.get(
      '/v1/trending',
      { schema: { tags, summary: 'What is consumed most of late', querystring: TrendingQuery, response } },
      async ({ query }) => recommender.trending({ limit: query.limit ?? defaultLimit, category: query.category }),
    )
  }
}

function contextOf({ device, location }: { device?: string; location?: string }): Record<string, string> {
  return { ...(device !== undefined && { device }), ...(location !== undefined && { location }) }
}
