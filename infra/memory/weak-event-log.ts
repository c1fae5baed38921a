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
 */
export function weakEventLog(log: EventLog, flight: InFlight, name: string): LogSession {
  const owner = flight.owner(name)
  return {
    ...log,
    async append(topic, records) {
      const copies = records.map(({ key, value }) => ({ key, value: new Uint8Array(value) }))
      let landed: Promise<Position[]> = Promise.resolve([])
      const land = () => {
        landed = log.append(topic, copies)
        landed.catch(() => owner.fail())
      }
      return await (
        await owner.perform([{ land }], () => ({ landed }))
      ).landed
    },
    die: () => owner.die(),
    fail: () => owner.fail(),
  }
}
