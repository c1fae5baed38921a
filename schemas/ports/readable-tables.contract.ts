import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReadableFeatures, ReadableInteraction, ReadableTables } from './readable-tables.ts'

export interface ReadableTablesUnderTest {
  readonly tables: ReadableTables
  /** Event ids of a user, the youngest first. */
  eventIds(userId: string): Promise<readonly string[]>
  /** Whole names with their values, in any order. */
  features(of: 'user' | 'item', key: string): Promise<Readonly<Record<string, string>>>
  dispose(): Promise<void>
}

/** What all tables for people do. `open` makes empty ones. */
export function readableTablesContract(name: string, open: () => Promise<ReadableTablesUnderTest>): void {
  describe(`${name} as tables for people`, () => {
    let under: ReadableTablesUnderTest
    let tables: ReadableTables
    beforeEach(async () => {
      under = await open()
      tables = under.tables
    })
    afterEach(async () => await under.dispose())

    const activity = async () => await under.features('user', 'ann')

    it('list what a user did, the youngest first, over the months', async () => {
      const days = ['2025-12-31', '2026-01-01', '2026-01-31', '2025-11-02']
      await tables.putInteractions(days.map((day, i) => ({ ...view(i), eventId: day, timestamp: Date.parse(day) })))
      await tables.putInteractions([{ ...view(9), userId: 'bob', context: null }])
      expect(await under.eventIds('ann')).toEqual(['2026-01-31', '2026-01-01', '2025-12-31', '2025-11-02'])
      expect(await under.eventIds('bob')).toEqual(['event-9'])
      expect(await under.eventIds('eve')).toEqual([])
    })

    it('take the same interactions again', async () => {
      await tables.putInteractions([view(1), view(2)])
      await tables.putInteractions([view(2), view(1)])
      expect(await under.eventIds('ann')).toEqual(['event-2', 'event-1'])
    })

    it('forget what a user did before an erasure, in whatever order it is told', async () => {
      await tables.putInteractions([view(1), view(2), { ...view(1), userId: 'bob' }])
      await tables.putFeatures([{ ...features(2), values: { interactions: '2' } }])
      await tables.erase([{ userId: 'ann', epoch: 1, offset: 3 }])
      expect(await under.eventIds('ann')).toEqual([])
      expect(await activity()).toEqual({})
      await tables.putInteractions([view(2), view(4), view(1)])
      await tables.putFeatures([{ ...features(2), values: { interactions: '2' } }])
      await tables.putFeatures([{ ...features(4), values: { interactions: '1' } }])
      await tables.erase([{ userId: 'ann', epoch: 1, offset: 3 }])
      expect(await under.eventIds('ann')).toEqual(['event-4'])
      expect(await activity()).toEqual({ 'activity.interactions': '1' })
      expect(await under.eventIds('bob')).toEqual(['event-1'])
    })

    it('keep of each feature the value of the highest position', async () => {
      await tables.putFeatures([{ ...features(5), values: { a: 'five', b: 'five' } }])
      await tables.putFeatures([
        { ...features(4), values: { a: 'four', c: 'four' } },
        { ...features(6), values: { b: 'six' } },
      ])
      expect(await activity()).toEqual({ 'activity.a': 'five', 'activity.b': 'six', 'activity.c': 'four' })
      await tables.putFeatures([{ ...features(0), epoch: 2, values: { a: 'anew' } }])
      expect(await activity()).toMatchObject({ 'activity.a': 'anew' })
    })

    it('replace the features of one scope, and no others', async () => {
      const film = { ...features(7), of: 'item', key: 'film' } as const
      const catalogue = { ...film, scope: 'catalogue', replaces: true } as const
      await tables.putFeatures([
        { ...catalogue, values: { title: 'Film', price: '3' } },
        { ...film, scope: 'statistics', values: { view: '2' } },
      ])
      await tables.putFeatures([{ ...catalogue, offset: 9, values: { title: 'The film' } }])
      const both = { 'catalogue.title': 'The film', 'statistics.view': '2' }
      expect(await under.features('item', 'film')).toEqual(both)
      await tables.putFeatures([{ ...catalogue, offset: 8, values: { title: 'Late', price: '4' } }])
      expect(await under.features('item', 'film')).toEqual(both)
      await tables.putFeatures([{ ...catalogue, offset: 10, values: {} }])
      expect(await under.features('item', 'film')).toEqual({ 'statistics.view': '2' })
      expect(await under.features('user', 'film')).toEqual({})
    })

    it('keep what a user said of themselves when what they did is forgotten', async () => {
      await tables.putFeatures([
        { ...features(1), scope: 'profile', replaces: true, values: { interests: '["drama"]' } },
      ])
      await tables.erase([{ userId: 'ann', epoch: 1, offset: 50 }])
      await tables.putFeatures([{ ...features(2), scope: 'profile', replaces: true, values: { interests: '["war"]' } }])
      expect(await activity()).toEqual({ 'profile.interests': '["war"]' })
    })

    it('take nothing', async () => {
      await tables.putInteractions([])
      await tables.putFeatures([])
      await tables.erase([])
      await tables.erase([{ userId: 'nobody', epoch: 1, offset: 0 }])
      expect(await under.eventIds('nobody')).toEqual([])
    })
  })
}

function view(n: number): ReadableInteraction {
  const timestamp = Date.UTC(2026, 0, 1) + n
  const context = { device: 'phone' }
  return { userId: 'ann', eventId: `event-${n}`, itemId: 'film', type: 'view', timestamp, context, epoch: 1, offset: n }
}

function features(offset: number): ReadableFeatures {
  return { of: 'user', key: 'ann', scope: 'activity', values: {}, replaces: false, updatedAt: 1_000, epoch: 1, offset }
}
