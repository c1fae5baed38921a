import { position } from './position.ts'
import { dictionary, double, list, long, nullable, oneOf, record, text } from './schema.ts'

export const impressionsV1 = record('Impression', {
  type: oneOf('ImpressionType', ['impression']),
  requestId: text,
  userId: text,
  shownAt: long,
  generation: text,
  modelVersion: text,
  variant: text,
  policy: text,
  userPosition: nullable(position),
  slots: list(
    record('ImpressionSlot', {
      itemId: text,
      score: double,
      source: text,
      propensity: nullable(double),
      features: dictionary(double),
    }),
  ),
})
