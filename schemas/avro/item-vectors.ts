import { position } from './position.ts'
import { floats, list, oneOf, record, text } from './schema.ts'

export const itemVectorsV1 = record('ItemVector', {
  type: oneOf('ItemVectorType', ['item-vector']),
  itemId: text,
  modelVersion: text,
  madeFrom: oneOf('MadeFrom', ['content', 'fold-in']),
  vector: floats,
  positions: list(position),
})
