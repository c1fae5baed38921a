import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import type { UserOutcome } from '#schemas/fold/user-fold.ts'
import { dayMs, rowLimits } from '#schemas/settings.ts'
import type { Logical } from './random-log.fixture.ts'

/** How often the straight fold counted each logical event. */
export interface Counts {
  note(event: InteractionsEvent, outcome: UserOutcome): void
  violations(logical: ReadonlyMap<string, Logical>): string[]
}

/** Clocks are skewed by up to half a day: repeats this close to the end of the window may be judged either way. */
const margin = dayMs

export function counts(): Counts {
  const counted = new Map<string, number>()
  const adopted = new Set<string>()
  const refused = new Set<string>()
  /** The user's highest acceptedAt at each offset: what the fold's clock can be at most. */
  const clocks = new Map<string, number>()

  return {
    note(event, outcome) {
      const key = `${event.userId} ${event.id}`
      clocks.set(event.userId, Math.max(clocks.get(event.userId) ?? 0, event.acceptedAt))
      if (outcome.type === 'refused') refused.add(key)
      if (outcome.type === 'counted' || outcome.type === 'erased' || outcome.type === 'adopted') {
        counted.set(key, (counted.get(key) ?? 0) + 1)
      }
      if (outcome.type === 'adopted' && event.type === 'adopt') {
        for (const carried of event.history) adopted.add(`${event.userId} ${carried.id}`)
      }
    },

    violations(logical) {
      const found: string[] = []
      for (const { key, userId, imported, acceptedAt } of logical.values()) {
        const times = counted.get(key) ?? 0
        if (times === 1 || (times === 0 && (adopted.has(key) || refused.has(key)))) continue
        const oldest = Math.min(...acceptedAt)
        const youngest = Math.max(clocks.get(userId) ?? 0, ...acceptedAt)
        if (!imported && youngest - oldest > rowLimits.idWindowMs - margin) continue
        found.push(`counted ${times} times: ${key}`)
      }
      return found
    },
  }
}
