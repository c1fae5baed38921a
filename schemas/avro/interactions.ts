import { boolean, dictionary, double, eitherOf, list, long, nullable, oneOf, record, since, text } from './schema.ts'

const envelope = { id: text, userId: text, occurredAt: long, acceptedAt: long }

const interactionV1 = {
  type: oneOf('InteractionType', ['interaction']),
  ...envelope,
  action: text,
  itemId: text,
  value: nullable(double),
  sessionId: nullable(text),
  context: nullable(dictionary(text)),
  source: nullable(text),
  sequence: nullable(long),
}

const erase = record('Erase', { type: oneOf('EraseType', ['erase']), ...envelope })

const adopt = record('Adopt', {
  type: oneOf('AdoptType', ['adopt']),
  ...envelope,
  guestId: text,
  basedOn: long,
  history: list(
    record('AdoptedInteraction', {
      id: text,
      itemId: text,
      action: text,
      value: nullable(double),
      occurredAt: long,
      acceptedAt: long,
      guestOffset: long,
    }),
  ),
})

/** Before attribution to a recommendation and mended import lines. */
export const interactionsV1 = eitherOf(record('Interaction', interactionV1), erase, adopt)

export const interactionsV2 = eitherOf(
  record('Interaction', {
    ...interactionV1,
    attribution: since(nullable(record('Attribution', { requestId: text, position: long })), null),
    mended: since(boolean, false),
  }),
  erase,
  adopt,
)
