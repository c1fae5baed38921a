import type { Item } from './catalogue.ts'
import type { Interaction } from './interactions.ts'

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
  type: 'interaction',
  id: '',
  userId: '',
  itemId: '',
  action: 'view',
  value: null,
  sessionId: null,
  context: null,
  attribution: null,
  source: null,
  sequence: null,
  mended: false,
  occurredAt: 0,
  acceptedAt: 0,
}
