import { double, list, long, oneOf, record, text } from './schema.ts'

export const learnedRankersV1 = record('LearnedRanker', {
  type: oneOf('LearnedRankerType', ['learned-ranker']),
  modelVersion: text,
  partition: long,
  examples: long,
  z: list(double),
  n: list(double),
  at: long,
})
