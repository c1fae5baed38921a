import { blankInteraction } from '../events/blank.fixture.ts'
import type { Adopt, AdoptedInteraction, Erase, Interaction, InteractionsEvent } from '../events/interactions.ts'
import { dayMs, defaultFoldSettings, type FoldSettings } from '../settings.ts'
import { foldInteractions } from './interactions.ts'
import { mapRows, type MapRows } from './map-rows.ts'
import type { UserOutcome } from './user-fold.ts'

/** The moment tests count from: day 100 of the epoch. */
export const start = 100 * dayMs

/** Small bounds, so that ten events fill a head. */
export const smallSettings: FoldSettings = {
  ...defaultFoldSettings,
  limits: { ...defaultFoldSettings.limits, head: 4, chunks: 3, history: 12, coViews: 3, itemUsers: 2 },
}

export function interaction(given: Partial<Interaction> & { readonly id: string }): Interaction {
  return { ...blankInteraction, userId: 'ann', itemId: 'a', occurredAt: start, acceptedAt: start, ...given }
}

export function imported(sequence: number, given: Partial<Interaction> = {}): Interaction {
  return interaction({ id: `file:${sequence}`, source: 'file', sequence, ...given })
}

export function erase(id: string, given: Partial<Erase> = {}): Erase {
  return { type: 'erase', id, userId: 'ann', occurredAt: start, acceptedAt: start, ...given }
}

export function adopt(id: string, history: readonly AdoptedInteraction[], given: Partial<Adopt> = {}): Adopt {
  const place = { userId: 'ann', guestId: 'guest', basedOn: 1_000, occurredAt: start, acceptedAt: start }
  return { type: 'adopt', id, history, ...place, ...given }
}

export function carried(id: string, itemId: string, guestOffset: number): AdoptedInteraction {
  return { id, itemId, action: 'view', value: null, occurredAt: start, acceptedAt: start, guestOffset }
}

export interface Folded {
  readonly rows: MapRows
  readonly outcomes: readonly UserOutcome['type'][]
}

/** Folds events of one partition, the first at offset 0. */
export function foldAll(events: readonly InteractionsEvent[], settings: FoldSettings = smallSettings): Folded {
  const rows = mapRows()
  const outcomes = events.map(
    (event, offset) =>
      foldInteractions(rows, event, { epoch: 1, partition: 0, offset, acceptedAt: event.acceptedAt }, settings).type,
  )
  return { rows, outcomes }
}
