import type { Item } from '#schemas/events/catalogue.ts'

/** An item of which nothing is said. */
export const blankItem: Item = {
  title: '',
  description: null,
  categories: [],
  tags: [],
  attributes: {},
  price: null,
  currency: null,
  available: true,
  publishedAt: null,
  imageUrl: null,
  embedding: null,
  embeddingName: null,
}
