import { position } from './position.ts'
import { eitherOf, list, long, oneOf, record, text } from './schema.ts'

const sinceV1 = [
  record('Claimed', { type: oneOf('ClaimedType', ['claimed']), run: text, owner: text, at: long, until: long }),
  record('Released', { type: oneOf('ReleasedType', ['released']), run: text, reason: text, at: long }),
  record('Published', { type: oneOf('PublishedType', ['published']), run: text, version: text, at: long }),
  record('Ready', {
    type: oneOf('ReadyType', ['ready']),
    version: text,
    generation: text,
    positions: list(position),
    at: long,
  }),
  record('Switched', {
    type: oneOf('SwitchedType', ['switched']),
    version: text,
    generation: text,
    at: long,
    reason: text,
  }),
  record('Retired', { type: oneOf('RetiredType', ['retired']), version: text, generation: text, at: long }),
] as const

export const modelsV1 = eitherOf(...sinceV1)

export const modelsV2 = eitherOf(
  ...sinceV1,
  record('Base', {
    type: oneOf('BaseType', ['base']),
    of: oneOf('BaseOf', ['items', 'graph']),
    name: text,
    blob: text,
    at: long,
  }),
)
