import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { InteractionsEvent } from '../events/interactions.ts'
import { tableNames } from '../rows/tables.ts'
import { dayMs } from '../settings.ts'
import { adopt, carried, erase, foldAll, imported, interaction, start, type Folded } from './events.fixture.ts'

const users = fc.constantFrom('ann', 'bob', 'cid')
const items = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const times = fc.integer({ min: 0, max: 2 * dayMs }).map((after) => start + after)

const events: fc.Arbitrary<InteractionsEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ n: fc.nat(60), userId: users, itemId: items, acceptedAt: times })
      .map(({ n, ...given }) => interaction({ id: `e${n}`, ...given })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ n: fc.nat(20), userId: users, itemId: items }).map(({ n, ...given }) => imported(n, given)),
  },
  { weight: 1, arbitrary: fc.record({ n: fc.nat(9), userId: users }).map(({ n, ...given }) => erase(`x${n}`, given)) },
  {
    weight: 1,
    arbitrary: fc
      .record({ n: fc.nat(9), userId: users, itemId: items })
      .map(({ n, itemId, ...given }) => adopt(`a${n}`, [carried(`g${n}`, itemId, n)], given)),
  },
)
const logs = fc.array(events, { maxLength: 60 })

function everyRow({ rows }: Folded): unknown[] {
  return tableNames.flatMap((table) => structuredClone([...rows.entries(table)]))
}

describe('The fold of interactions', () => {
  it('is a function of the log', () => {
    fc.assert(
      fc.property(logs, (log) => {
        expect(everyRow(foldAll(log))).toEqual(everyRow(foldAll(log)))
      }),
    )
  })

  it('changes no row when everything comes a second time', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const counted = log.filter((event) => event.type !== 'adopt')
        expect(everyRow(foldAll([...counted, ...counted]))).toEqual(everyRow(foldAll(counted)))
      }),
    )
  })

  it('leaves the rows of one user alone when another user acts', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const own = log.filter((event) => event.userId === 'ann')
        const alone = foldAll(own).rows.get('user-heads', 'ann', 0)
        const among = foldAll(log).rows.get('user-heads', 'ann', 0)
        expect(among?.recent.map((entry) => entry.id)).toEqual(alone?.recent.map((entry) => entry.id))
        expect(among?.count).toBe(alone?.count)
      }),
    )
  })
})
