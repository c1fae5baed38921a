import type { EventLog } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { InFlight } from './in-flight.ts'

export interface LogSession extends EventLog {
  /** The owner's process is gone: nothing it awaits settles, each append under way may land later or be lost. */
  die(): void
  /** Every append under way fails with `store-failed`; it may still land. */
  fail(): void
}

/**
 * A log as one owner sees it across a weak network, for kill tests: an append lands whole, when the {@link InFlight}
 * steps, perhaps after its owner's death. Appends under way together may land in any order. Reads are not delayed.
 * Closing a session closes the log.
 */
export function weakEventLog(log: EventLog, flight: InFlight, name: string): LogSession {
  const owner = flight.owner(name)
  const underWay = new Set<Promise<unknown>>()
  return {
    ...log,
    async append(topic, records) {
      const copies = records.map(({ key, value }) => ({ key, value: new Uint8Array(value) }))
      let landed: Promise<Position[]> = Promise.resolve([])
      const land = () => {
        landed = log.append(topic, copies)
        landed.catch(() => owner.fail())
      }
      const answered = owner.perform([{ land }], () => ({ landed }))
      underWay.add(answered)
      try {
        return await (
          await answered
        ).landed
      } finally {
        underWay.delete(answered)
      }
    },
    async close() {
      await Promise.allSettled(underWay)
      await log.close()
    },
    die: () => owner.die(),
    fail: () => owner.fail(),
  }
}
