import type { Item } from './catalogue.ts'
import { unsaid, type Interaction } from './interactions.ts'

/** An item of which nothing is said: tests say what matters to them. */
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

/** A view at time 0 by nobody of nothing. */
export const blankInteraction: Interaction = {
  ...unsaid,
  type: 'interaction',
  id: '',
  userId: '',
  itemId: '',
  action: 'view',
  occurredAt: 0,
  acceptedAt: 0,
}
