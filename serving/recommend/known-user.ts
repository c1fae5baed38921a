import type { TimedInteraction } from '#schemas/models/preference.ts'
import type { Position } from '#schemas/position.ts'
import type { UserRead } from '../read-model/user-rows.ts'
import type { NotCounted } from './not-counted.ts'
import type { DegradedMode, RecentItem } from './request.ts'

/** What is known of whoever asks: their row's history, what it does not count yet, then what the request itself reports. */
export interface KnownUser {
  readonly history: readonly TimedInteraction[]
  /** Position of the row; null without one. */
  readonly position: Position | null
  /** True when the row alone says it all: what is made from it may be kept while the row stands. */
  readonly isRowOnly: boolean
  /** True when there may be a history that could not be read. */
  readonly isUnread: boolean
  readonly degraded: readonly DegradedMode[]
}

/** A guest is one without a row. An erased user's row has no history left, so nothing personal. */
export function knownUser(
  read: UserRead,
  { events, voidsRow }: NotCounted,
  reported: readonly RecentItem[],
): KnownUser {
  const recent = [...events, ...reported]
  const isRowOnly = recent.length === 0 && !voidsRow
  switch (read.type) {
    case 'failed':
      return {
        history: recent,
        position: null,
        isRowOnly,
        isUnread: !voidsRow,
        degraded: recent.length > 0 ? ['session'] : [],
      }
    case 'stale':
    case 'read': {
      const { features } = read
      const history = voidsRow ? [] : (features?.history ?? [])
      return {
        history: recent.length === 0 ? history : [...history, ...recent],
        position: features === undefined ? null : positionOf(features.head),
        isRowOnly,
        isUnread: false,
        degraded: read.type === 'stale' ? ['stale'] : [],
      }
    }
  }
}

function positionOf({ epoch, partition, offset }: Position): Position {
  return { epoch, partition, offset }
}
