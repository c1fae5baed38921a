import { MillraceError } from '#schemas/errors.ts'
import type { FoldSettings } from '#schemas/settings.ts'

/** One interaction a client reports with its request, of a guest or not yet on the log. */
export interface RecentItem {
  readonly itemId: string
  /** Interaction type. */
  readonly action: string
  readonly value: number | null
}

/** What a list is asked for. */
export interface RecommendRequest {
  /** Undefined for a guest. */
  readonly userId: string | undefined
  readonly limit: number
  readonly category: string | undefined
  readonly exclude: readonly string[]
  /** Only these items may be in the list. */
  readonly allow: readonly string[] | undefined
  readonly recent: readonly RecentItem[]
  /** Where the request comes from, such as `device`: by it users without a history are told apart. */
  readonly context: Readonly<Record<string, string>>
  readonly cursor: string | undefined
  /** Positions of a 202: the list is to reflect them. */
  readonly after: string | undefined
}

/** What an answer could not be made of, worst last in the order of design section 9. */
export const degradedModes = ['stale', 'session', 'affinities', 'lists', 'cold', 'behind'] as const

export type DegradedMode = (typeof degradedModes)[number]

/** Throws for a reported interaction of an unknown type, naming the known ones, and for a rating without a value. */
export function refuseUnknownActions(recent: readonly RecentItem[], { actions }: FoldSettings): void {
  for (const [i, { action, value }] of recent.entries()) {
    if (!Object.hasOwn(actions, action)) {
      const known = Object.keys(actions).join(', ')
      throw new MillraceError('unknown-interaction-type', `recent.${i}.type must be one of ${known}`, {
        facts: { field: `recent.${i}.type` },
      })
    }
    if (actions[action]?.type === 'rating' && value === null) {
      throw new MillraceError('invalid-input', `recent.${i}.value is required for a ${action}`, {
        facts: { field: `recent.${i}.value` },
      })
    }
  }
}
