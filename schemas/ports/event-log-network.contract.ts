import type { Position } from '../position.ts'
import type { AppendRecord, EventLog } from './event-log.ts'
import type { EventLogUnderTest } from './event-log-under-test.fixture.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { everything, record } from './event-log-under-test.fixture.ts'

/** A log whose records travel: its answers can be lost on the way. */
export interface NetworkedEventLog extends EventLogUnderTest {
  /** Of the next appends that arrive, retries among them, so many answers are lost with their connections. 0 lets all through again. */
  cutAnswers(count: number): void
}

/** What was given to one call of append, and what came of it: its positions, or the error. */
interface Attempt {
  readonly name: string
  readonly given: readonly AppendRecord[]
  readonly settled: PromiseSettledResult<Position[]>
}

const text = new TextDecoder()

/** What an event log does when the network takes the answer after the log took the records. */
export function networkedEventLogContract(name: string, open: () => Promise<NetworkedEventLog>): void {
  describe(`${name} as an event log behind a network`, () => {
    let under: NetworkedEventLog
    let log: EventLog
    beforeEach(async () => {
      under = await open()
      log = under.log
    })
    afterEach(async () => await under.dispose())

    /** Appends that are all under way together, each of some records under many keys. */
    async function appendTogether(prefix: string, calls: number, records: number): Promise<Attempt[]> {
      const attempts = Array.from({ length: calls }, (_, call) => {
        const name = `${prefix}${call}`
        return { name, given: Array.from({ length: records }, (_, i) => record(`k${(call * i) % 11}`, `${name}/${i}`)) }
      })
      const settled = await Promise.allSettled(
        attempts.map(async ({ given }) => await log.append('interactions', given)),
      )
      return attempts.map((attempt, i) => ({ ...attempt, settled: settled[i]! }))
    }

    /** By value, every place where it stands. */
    async function places(): Promise<Map<string, string[]>> {
      const found = new Map<string, string[]>()
      for (const { partition } of await log.bounds('interactions')) {
        for (const { offset, value } of await everything(log, 'interactions', partition)) {
          found.set(value, [...(found.get(value) ?? []), `${partition}.${offset}`])
        }
      }
      return found
    }

    async function expectKept(attempts: readonly Attempt[]): Promise<void> {
      const found = await places()
      for (const { name, given, settled } of attempts) {
        const stands = given.map(({ value }) => found.get(text.decode(value)) ?? [])
        if (settled.status === 'fulfilled') expectAllOnce(name, settled.value, stands)
        else expectPrefixes(name, given, stands)
      }
    }

    function expectAllOnce(name: string, positions: readonly Position[], stands: readonly string[][]): void {
      const answered = positions.map(({ partition, offset }) => [`${partition}.${offset}`])
      expect(stands, `what append ${name} was answered`).toEqual(answered)
    }

    /** Of each key, so of each partition, the first records and no others, once each, in order. */
    function expectPrefixes(name: string, given: readonly AppendRecord[], stands: readonly string[][]): void {
      const byKey = Map.groupBy(stands.keys(), (i) => given[i]!.key)
      for (const [key, indexes] of byKey) {
        const there = indexes.map((i) => stands[i]!)
        const missing = there.findIndex((each) => each.length === 0)
        const prefix = missing === -1 ? there : there.slice(0, missing)
        expect(there.slice(prefix.length).flat(), `of append ${name} under ${key} what follows a gap`).toEqual([])
        expect(Math.max(0, ...prefix.map((each) => each.length)), `records of append ${name} there twice`).toBeLessThan(
          2,
        )
        const offsets = prefix.map(([place]) => Number(place?.split('.')[1]))
        expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
      }
    }

    it('has every acknowledged record once when the answer to an append is lost', async () => {
      under.cutAnswers(1)
      const attempts = await appendTogether('lost-', 30, 7)
      expect(attempts.filter(({ settled }) => settled.status === 'rejected')).toEqual([])
      await expectKept(attempts)
    })

    it('has every acknowledged record once when answers are lost again and again', async () => {
      const attempts: Attempt[] = []
      for (let round = 0; round < 12; round++) {
        under.cutAnswers(round % 3)
        const first = appendTogether(`${round}-a`, 4, 20)
        if (round % 2 === 0) attempts.push(...(await first))
        attempts.push(...(await appendTogether(`${round}-b`, 3, 90)), ...(await first))
      }
      expect(attempts.filter(({ settled }) => settled.status === 'rejected')).toEqual([])
      await expectKept(attempts)
    })

    it('fails appends once retries are spent, keeps of each a prefix, and goes on with those that come after', async () => {
      const before = await appendTogether('before-', 3, 5)
      under.cutAnswers(Infinity)
      const cut = await appendTogether('cut-', 12, 60)
      for (const { settled } of cut) {
        expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'store-failed', retriable: true } })
      }
      under.cutAnswers(0)
      const after = await appendTogether('after-', 5, 5)
      expect([...before, ...after].filter(({ settled }) => settled.status === 'rejected')).toEqual([])
      await expectKept([...before, ...cut, ...after])
      expect((await places()).size).toBeGreaterThan(40)
    })

    it('keeps a prefix of an append that takes several sends, one of which fails', async () => {
      const given = Array.from({ length: 12_000 }, (_, i) => record(`k${i % 7}`, `${i} ${'x'.repeat(60)}`))
      const appending = Promise.allSettled([log.append('interactions', given)])
      await vi.waitFor(async () => expect((await log.bounds('interactions')).some(({ end }) => end > 0)).toBe(true), {
        interval: 1,
        timeout: 20_000,
      })
      under.cutAnswers(Infinity)
      const others = appendTogether('other-', 4, 4)
      const [settled] = await appending
      under.cutAnswers(0)
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'store-failed' } })
      const after = await appendTogether('after-', 2, 20)
      await expectKept([{ name: 'long', given, settled }, ...(await others), ...after])
      expect((await places()).size).toBeLessThan(given.length)
    })
  })
}
