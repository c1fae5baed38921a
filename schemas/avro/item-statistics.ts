import { guard } from './guard.ts'
import { double, list, long, mapOf, record, text } from './schema.ts'

export const itemStatisticsV1 = record('ItemStatistics', {
  ...guard,
  time: long,
  actions: list(record('ActionCount', { action: text, fast: double, slow: double, total: long })),
  coViews: mapOf('CoViewCounter', text, { count: long, error: long }),
  users: list(record('ItemUser', { userId: text, weight: double, offset: long })),
})
