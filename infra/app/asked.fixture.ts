import type { RecommendRequest } from '#serving/recommend/request.ts'

/** Ann asks for a list, and for nothing in particular: tests say what matters to them. */
export const asked: RecommendRequest = {
  userId: 'ann',
  limit: 4,
  category: undefined,
  exclude: [],
  allow: undefined,
  recent: [],
  context: {},
  cursor: undefined,
  after: undefined,
}
