import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { erase, interaction } from '#schemas/fold/events.fixture.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { joinHistory } from '#schemas/fold/whole-history.ts'
import { acceptedEvent, type AcceptedEvent } from '#schemas/ports/accepted-events.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { UserRead } from '../read-model/user-rows.ts'
import { knownUser } from './known-user.ts'
import { notCounted } from './not-counted.ts'

const at = (offset: number) => ({ epoch: 1, partition: 0, offset })

/** The user's row once the first `count` events are folded. */
function folded(events: readonly InteractionsEvent[], count: number): UserFeatures | undefined {
  const rows = mapRows()
  for (const [offset, event] of events.slice(0, count).entries()) {
    foldInteractions(rows, event, { ...at(offset), acceptedAt: event.acceptedAt }, defaultFoldSettings)
  }
  const head = rows.get('user-heads', 'ann', 0)
  return head === undefined ? undefined : { head, history: joinHistory(head, [], defaultFoldSettings.limits) }
}

function itemsOf(read: UserRead, accepted: readonly AcceptedEvent[]): string[] {
  return knownUser(read, notCounted(accepted, read), []).history.map(({ itemId }) => itemId)
}

const interactionsOnly = fc.array(fc.record({ id: fc.nat(15), item: fc.nat(5) }), { maxLength: 30 })

/** Ids that were used before an erase are remembered by the rows alone: here each is used once. */
const withErasures = fc.array(fc.record({ item: fc.nat(5), erases: fc.nat(7) }), { maxLength: 30 })

describe('What is not counted yet', () => {
  const early = (events: readonly InteractionsEvent[], behind: number, lost: number): string[] => {
    const all = events.flatMap((event, offset) => acceptedEvent(event, at(offset)) ?? [])
    const told = all.slice(Math.min(lost, behind, events.length))
    const read = (count: number): UserRead => ({ type: 'read', features: folded(events, count) })
    return itemsOf(read(behind), told)
  }
  const whole = (events: readonly InteractionsEvent[]): string[] =>
    itemsOf({ type: 'read', features: folded(events, events.length) }, [])

  it('and the row together are what the row will be, however far the fold has come', () => {
    fc.assert(
      fc.property(interactionsOnly, fc.nat(30), fc.nat(30), (said, behind, lost) => {
        const events = said.map(({ id, item }) => interaction({ id: `e${id}`, itemId: `i${item}` }))
        expect(early(events, behind, lost)).toEqual(whole(events))
      }),
    )
    fc.assert(
      fc.property(withErasures, fc.nat(30), fc.nat(30), (said, behind, lost) => {
        const events = said.map(({ item, erases }, i) =>
          erases === 0 ? erase(`erase-${i}`) : interaction({ id: `e${i}`, itemId: `i${item}` }),
        )
        expect(early(events, behind, lost)).toEqual(whole(events))
      }),
    )
  })

  it('makes nothing of the row after an erase that is not folded yet', () => {
    const events = [interaction({ id: 'a', itemId: 'x' }), erase('gone'), interaction({ id: 'b', itemId: 'y' })]
    const told = events.flatMap((event, offset) => acceptedEvent(event, at(offset)) ?? [])
    expect(itemsOf({ type: 'read', features: folded(events, 1) }, told)).toEqual(['y'])
    expect(itemsOf({ type: 'failed', error: 'down' }, told.slice(0, 1))).toEqual(['x'])
  })
})
