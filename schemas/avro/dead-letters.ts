import { errorCodes } from '../errors.ts'
import { topicNames } from '../topics.ts'
import { position } from './position.ts'
import { bytes, long, oneOf, record, text, wordOf } from './schema.ts'

export const deadLettersV1 = record('DeadLetter', {
  type: oneOf('DeadLetterType', ['dead-letter']),
  topic: wordOf(topicNames),
  position,
  key: text,
  code: wordOf(errorCodes),
  message: text,
  at: long,
  bytes,
})
