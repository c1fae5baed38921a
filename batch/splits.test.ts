import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet, rowOf } from './evaluation-set.ts'
import { historiesOf, type FixtureEvent } from './histories.fixture.ts'
import {
  leaveLastOut,
  parts,
  positionSplit,
  protocols,
  randomHoldout,
  splitHistories,
  strongGeneralisation,
  timeSplit,
} from './splits.ts'

const anyEvents = fc.array(
  fc.record({
    user: fc.constantFrom('u1', 'u2', 'u3', 'u4'),
    item: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    action: fc.constantFrom('view', 'like', 'dislike'),
    time: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 1, maxLength: 60 },
)

function ranked(count: number): FixtureEvent[] {
  return Array.from({ length: count }, (_, i) => ({ user: `u${i % 5}`, item: `i${i % 11}`, time: i }))
}

describe('No split', () => {
  it.each(protocols)('by %s lets a pair be both trained on and tested', (protocol) => {
    fc.assert(
      fc.property(anyEvents, fc.integer(), (events, seed) => {
        const histories = historiesOf(events)
        const split = splitOrUndefined(() => splitHistories(histories, { protocol, fraction: 0.3, seed }))
        if (split === undefined) return
        const { train, tests } = evaluationSet(histories, defaultFoldSettings, split)
        for (const { userId, known, relevant, seen } of tests) {
          const row = train.userIds.indexOf(userId)
          const trained = row === -1 ? known.columns : rowOf(train, row).columns
          expect(trained).toEqual(known.columns)
          for (const column of relevant) {
            expect(trained).not.toContain(column)
            expect(seen).not.toContain(column)
          }
        }
      }),
    )
  })
})

describe('A time split', () => {
  it('has every training time before every time held out, and holds out at most the share asked for', () => {
    fc.assert(
      fc.property(anyEvents, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (events, fraction) => {
        const { times } = historiesOf(events)
        const split = splitOrUndefined(() => timeSplit(historiesOf(events), fraction))
        if (split === undefined) return
        const held = times.filter((_, entry) => split[entry] === 1)
        const kept = times.filter((_, entry) => split[entry] === 0)
        expect(Math.max(...kept)).toBeLessThan(Math.min(...held))
        expect(held.length).toBeLessThanOrEqual(Math.ceil(times.length * fraction))
      }),
    )
  })

  it('holds out the newest tenth of distinct times', () => {
    const histories = historiesOf(ranked(100))
    const split = timeSplit(histories, 0.1)
    expect([...histories.times].filter((_, entry) => split[entry] === 1).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 10 }, (_, i) => 90 + i),
    )
  })

  it.each([
    ['one time', () => 7],
    ['two times, of two imports', (i: number) => (i < 80 ? 7 : 8)],
  ])('of events that all have %s is refused', (_, timeOf) => {
    const histories = historiesOf(ranked(100).map((event, i) => ({ ...event, time: timeOf(i) })))
    expect(() => timeSplit(histories, 0.2)).toThrow(expect.objectContaining({ code: 'time-split-impossible' }))
  })
})

describe('A random holdout', () => {
  it('is the same for one seed and another for another', () => {
    const histories = historiesOf(ranked(200))
    expect(randomHoldout(histories, 0.3, 1)).toEqual(randomHoldout(histories, 0.3, 1))
    expect(randomHoldout(histories, 0.3, 1)).not.toEqual(randomHoldout(histories, 0.3, 2))
  })

  it('leaves every user an item and holds out about the share asked for', () => {
    const events = Array.from({ length: 2_000 }, (_, i) => ({ user: `u${i % 200}`, item: `i${i}`, time: i }))
    const histories = historiesOf(events)
    const split = randomHoldout(histories, 0.25, 3)
    for (let user = 0; user < 200; user++) {
      expect(split.subarray(histories.starts[user], histories.starts[user + 1])).toContain(0)
    }
    const share = split.reduce((sum, held) => sum + held, 0) / 2_000
    expect(share).toBeGreaterThan(0.22)
    expect(share).toBeLessThan(0.28)
  })
})

describe('Leaving the last out', () => {
  it('takes the item a user came to last with all events on it, and nothing of a user with one item', () => {
    const histories = historiesOf([
      { user: 'u', item: 'a', time: 1 },
      { user: 'u', item: 'b', time: 2 },
      { user: 'u', item: 'b', time: 3 },
      { user: 'u', item: 'a', time: 4 },
      { user: 'v', item: 'a', time: 5 },
    ])
    expect([...leaveLastOut(histories)]).toEqual([0, 1, 1, 0, 0])
  })
})

describe('Strong generalisation', () => {
  const events = Array.from({ length: 4_000 }, (_, i) => ({ user: `u${i % 400}`, item: `i${i % 37}`, time: i }))
  const histories = historiesOf(events)
  const split = strongGeneralisation(histories, 0.25, 3)
  const ofUser = (user: number) => new Set(split.subarray(histories.starts[user], histories.starts[user + 1]))

  it('trains on a user whole or not at all', () => {
    let heldOut = 0
    for (let user = 0; user < 400; user++) {
      const found = [...ofUser(user)]
      expect([[parts.training], [parts.heldOut, parts.foldIn]]).toContainEqual(found.toSorted((a, b) => a - b))
      heldOut += found.includes(parts.heldOut) ? 1 : 0
    }
    expect(heldOut / 400).toBeGreaterThan(0.18)
    expect(heldOut / 400).toBeLessThan(0.32)
  })

  it('tells of every user held out something, and asks for the rest', () => {
    const { train, tests } = evaluationSet(histories, defaultFoldSettings, split)
    expect(tests.length).toBeGreaterThan(50)
    for (const { userId, known, seen } of tests) {
      expect(train.userIds).not.toContain(userId)
      expect(known.columns.length).toBeGreaterThan(0)
      expect(known.columns).toEqual(seen)
    }
  })
})

it('A split by positions holds out what stands at or after them', () => {
  const histories = historiesOf(ranked(10))
  const split = positionSplit(histories, [{ epoch: 1, partition: 0, offset: 7 }])
  expect([...histories.offsets].filter((_, entry) => split[entry] === 1).toSorted((a, b) => a - b)).toEqual([7, 8, 9])
})

it('A fraction outside (0, 1) is refused', () => {
  const split = () => splitHistories(historiesOf(ranked(10)), { protocol: 'random-holdout', fraction: 1, seed: 1 })
  expect(split).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})

function splitOrUndefined(split: () => Uint8Array): Uint8Array | undefined {
  try {
    return split()
  } catch (error) {
    if (isMillraceError(error, 'time-split-impossible')) return undefined
    throw error
  }
}
