import { Compile } from 'typebox/compile'
import { type InteractionInput, interactionInput } from '#schemas/api/interactions.ts'
import { parseTime } from '#schemas/api/time.ts'
import type { Rejection } from '#schemas/api/write-answers.ts'
import type { AttributeValue } from '#schemas/events/catalogue.ts'
import type { Interaction } from '#schemas/events/interactions.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { importedFrom } from './imported-from.ts'
import { type RawElements, rejection, rejectionOf } from './rejection.ts'

export interface AcceptedInteractions {
  /** In the order they came. */
  readonly events: readonly Interaction[]
  readonly rejected: readonly Rejection[]
}

/** How far ahead of ours a client's clock may be, ms. */
export const maxAheadMs = 86_400_000

/**
 * Makes the function that turns what clients send into events, or rejects it naming field and reason; it never throws.
 * `now` is the moment of acceptance. An event without an id gets `source:sequence` when imported, else one of `newId`.
 */
export function interactionAcceptor(
  settings: Pick<FoldSettings, 'actions' | 'ratingScale'>,
  newId: () => string,
): (raw: RawElements, now: number) => AcceptedInteractions {
  const check = Compile(interactionInput(settings))
  return (raw, now) => {
    const events: Interaction[] = []
    const rejected: Rejection[] = []
    raw.forEach((element, index) => {
      if (!check.Check(element)) {
        rejected.push(namedTypes(rejectionOf(check, element, index)))
        return
      }
      const fault = faultBetweenFields(element, now, settings)
      if (fault === undefined) events.push(interactionOf(element, now, newId))
      else rejected.push(rejection(index, element, fault.code, fault.field, fault.reason))
    })
    return { events, rejected }
  }
}

interface FieldFault {
  readonly code: string
  readonly field: string
  readonly reason: string
}

function faultBetweenFields(
  input: InteractionInput,
  now: number,
  settings: Pick<FoldSettings, 'actions' | 'ratingScale'>,
): FieldFault | undefined {
  if (settings.actions[input.type]?.type === 'rating') {
    const { min, max } = settings.ratingScale
    const value = input.value ?? undefined
    if (value === undefined) return { code: 'required', field: 'value', reason: `is required for a ${input.type}` }
    if (value < min || value > max) {
      return { code: 'invalid', field: 'value', reason: `must be from ${min} to ${max} for a ${input.type}` }
    }
  }
  if (input.occurredAt !== undefined && input.occurredAt !== null && parseTime(input.occurredAt)! > now + maxAheadMs) {
    return { code: 'in-the-future', field: 'occurredAt', reason: 'is more than 24 h in the future' }
  }
  const imported = importedFrom(input)
  if (imported === 'incomplete') {
    return { code: 'invalid', field: 'source', reason: 'and sequence must come together' }
  }
  if (input.mended === true && imported === undefined) {
    return { code: 'invalid', field: 'mended', reason: 'needs source and sequence' }
  }
  return undefined
}

function interactionOf(input: InteractionInput, now: number, newId: () => string): Interaction {
  const source = input.source ?? null
  const sequence = input.sequence ?? null
  return {
    type: 'interaction',
    id: input.id ?? (source === null ? newId() : `${source}:${sequence}`),
    userId: input.userId,
    occurredAt: parseTime(input.occurredAt) ?? now,
    acceptedAt: now,
    action: input.type,
    itemId: input.itemId,
    value: input.value ?? null,
    sessionId: input.sessionId ?? null,
    context: textContext(input.context ?? null),
    attribution: input.attribution ?? null,
    source,
    sequence,
    mended: input.mended ?? false,
  }
}

/** Numbers and booleans become text. `Object.fromEntries` defines entries and never assigns to a prototype. */
function textContext(context: Readonly<Record<string, AttributeValue>> | null): Record<string, string> | null {
  if (context === null) return null
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, String(value)]))
}

function namedTypes(rejection: Rejection): Rejection {
  return rejection.code === 'not-among' ? { ...rejection, code: 'unknown-interaction-type' } : rejection
}
