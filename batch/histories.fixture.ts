import { historyColumns } from './history-columns.ts'
import type { Histories } from './histories.ts'

export interface FixtureEvent {
  readonly user: string
  readonly item: string
  readonly action?: string
  readonly time: number
}

/** Histories of events in the order given, all on partition 0; the offset of an event is its place. */
export function historiesOf(events: readonly FixtureEvent[]): Histories {
  const columns = historyColumns()
  const placed = events.map((event, offset) => ({ ...event, offset }))
  for (const [user, ofUser] of Map.groupBy(placed, (event) => event.user)) {
    const history = ofUser.map(({ item, action = 'like', time, offset }) => ({
      id: `${offset}`,
      itemId: item,
      action,
      value: null,
      occurredAt: time,
      acceptedAt: time,
      clock: time,
      offset,
      filed: true,
    }))
    columns.add(user, 0, history)
  }
  return { ...columns.joined(), positions: [{ epoch: 1, partition: 0, offset: events.length }], unreadable: 0 }
}
