import type { InteractionsEvent } from '../events/interactions.ts'
import type { FoldSettings } from '../settings.ts'
import { foldItems } from './item-fold.ts'
import type { FoldAt, FoldRows } from './rows.ts'
import { foldUser, type UserOutcome } from './user-fold.ts'

/** The fold of the topic `interactions`: user rows, and the item rows that follow from them. */
export function foldInteractions(
  rows: FoldRows,
  event: InteractionsEvent,
  at: FoldAt,
  settings: FoldSettings,
): UserOutcome {
  const outcome = foldUser(rows, event, at, settings)
  foldItems(rows, outcome, event.userId, at, settings)
  return outcome
}
