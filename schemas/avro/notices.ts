import { position } from './position.ts'
import { long, oneOf, record, text } from './schema.ts'

export const noticesV1 = record('Notice', {
  type: oneOf('NoticeType', ['notice']),
  key: text,
  row: oneOf('NoticeRow', ['user', 'profile', 'statistics', 'catalogue']),
  position,
  acceptedAt: long,
})
