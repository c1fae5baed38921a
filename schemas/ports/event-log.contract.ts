import type { TopicName } from '../topics.ts'
import type { EventLog } from './event-log.ts'
import type { EventLogUnderTest } from './event-log-under-test.fixture.ts'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { partitionOf } from '../partition.ts'
import { eventLogRetentionContract } from './event-log-retention.contract.ts'
import {
  everything,
  iterate,
  keyOn,
  many,
  positionAt,
  readAll,
  record,
  values,
} from './event-log-under-test.fixture.ts'

const text = new TextDecoder()

/** What every event log does. `open` makes an empty one with more than one partition a source topic. */
export function eventLogContract(name: string, open: () => Promise<EventLogUnderTest>): void {
  describe(`${name} as an event log`, () => {
    let under: EventLogUnderTest
    let log: EventLog
    beforeEach(async () => {
      under = await open()
      log = under.log
    })
    afterEach(async () => await under.dispose())

    const at = async (topic: TopicName, partition: number, offset: number) =>
      await positionAt(log, topic, partition, offset)

    it('gives each record the partition of its key and the next offset there', async () => {
      const records = Array.from({ length: 60 }, (_, i) => record(`user-${i % 13}`, `${i}`))
      const positions = await log.append('interactions', records)
      expect(positions.map(({ partition }) => partition)).toEqual(
        records.map(({ key }) => partitionOf(key, log.partitions('interactions'))),
      )
      expect(new Set(positions.map(({ partition }) => partition)).size).toBeGreaterThan(1)
      for (const partition of log.partitions('interactions') > 1 ? [0, 1] : [0]) {
        const mine = positions.filter((position) => position.partition === partition)
        expect(mine.map(({ offset }) => offset)).toEqual(mine.map((_, i) => i))
      }
    })

    it('puts the empty key, and every key of a single topic, on partition 0', async () => {
      expect(log.partitions('models')).toBe(1)
      const positions = [
        ...(await log.append('interactions', [record('', 'a')])),
        ...(await log.append('models', [record('any', 'b'), record('other', 'c')])),
      ]
      expect(positions.map(({ partition }) => partition)).toEqual([0, 0, 0])
    })

    it('reads back key, value, offset and time in the order appended', async () => {
      under.setTime(1_234)
      await log.append('models', [record('x', 'one'), record('é', 'two')])
      under.setTime(5_678)
      await log.append('models', [record('', '')])
      expect(await everything(log, 'models', 0)).toEqual([
        { offset: 0, key: 'x', value: 'one', timestamp: 1_234 },
        { offset: 1, key: 'é', value: 'two', timestamp: 1_234 },
        { offset: 2, key: '', value: '', timestamp: 5_678 },
      ])
    })

    it('takes an empty append and answers with no positions', async () => {
      expect(await log.append('models', [])).toEqual([])
      expect(await log.bounds('models')).toMatchObject([{ start: 0, end: 0 }])
    })

    it('keeps its own copy of what is appended', async () => {
      const value = new TextEncoder().encode('before')
      const appended = log.append('models', [{ key: '', value }])
      value.fill(33)
      await appended
      expect((await everything(log, 'models', 0))[0]?.value).toBe('before')
    })

    it('keeps concurrent appends whole, in order within each, at positions of their own', async () => {
      const appends = Array.from({ length: 30 }, (_, a) =>
        Array.from({ length: 7 }, (_, i) => record(`k${(a * i) % 11}`, `${a}/${i}`)),
      )
      const positions = await Promise.all(appends.map(async (records) => await log.append('interactions', records)))
      expect(new Set(positions.flat().map(({ partition, offset }) => `${partition}.${offset}`)).size).toBe(210)
      const found = new Map<string, string>()
      for (const { partition } of await log.bounds('interactions')) {
        for (const { offset, value } of await everything(log, 'interactions', partition)) {
          found.set(`${partition}.${offset}`, value)
        }
      }
      expect(found.size).toBe(210)
      for (const [a, records] of appends.entries()) {
        const last = new Map<number, number>()
        for (const [i, { partition, offset }] of positions[a]!.entries()) {
          expect(found.get(`${partition}.${offset}`)).toBe(text.decode(records[i]!.value))
          expect(offset).toBeGreaterThan(last.get(partition) ?? -1)
          last.set(partition, offset)
        }
      }
    })

    it('has every record once and in order, whatever is appended', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.uint8Array({ maxLength: 20 })), { maxLength: 9 })),
          fc.integer({ min: 1, max: 7 }),
          async (appends, maxRecords) => {
            const start = await log.bounds('interactions')
            const expected = start.map((): string[] => [])
            for (const records of appends) {
              for (const [key, value] of records) {
                const partition = key === '' ? 0 : partitionOf(key, expected.length)
                expected[partition]!.push(`${key}=${value.join()}`)
              }
              await log.append(
                'interactions',
                records.map(([key, value]) => ({ key, value })),
              )
            }
            for (const [partition, { epoch, end }] of start.entries()) {
              const read: string[] = []
              for await (const batch of log.read('interactions', { epoch, partition, offset: end }, { maxRecords })) {
                read.push(...batch.map(({ key, value }) => `${key}=${value.join()}`))
              }
              expect(read).toEqual(expected[partition])
            }
          },
        ),
        { numRuns: 15 },
      )
    })

    it('reads the same values where nobody needs the keys', async () => {
      await log.append('models', many(50))
      const from = await at('models', 0, 7)
      const withKeys = await readAll(log, 'models', from)
      const without = await readAll(log, 'models', from, { keys: false, maxRecords: 10 })
      expect(without).toHaveLength(43)
      expect(without).toMatchObject(withKeys.map(({ offset, value, timestamp }) => ({ offset, value, timestamp })))
    })

    it('reads in non-empty batches of at most maxRecords, ascending, from any offset on', async () => {
      await log.append('models', many(25))
      await log.append('models', many(25))
      const batches: number[][] = []
      for await (const batch of log.read('models', await at('models', 0, 7), { maxRecords: 10 })) {
        batches.push(batch.map(({ offset }) => offset))
      }
      expect(batches.flat()).toEqual(Array.from({ length: 43 }, (_, i) => i + 7))
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0)
        expect(batch.length).toBeLessThanOrEqual(10)
      }
    })

    it('finishes at the end without follow, also when there is nothing at all', async () => {
      expect(await readAll(log, 'models', await at('models', 0, 0))).toEqual([])
      await log.append('models', many(3))
      expect(await readAll(log, 'models', await at('models', 0, 3))).toEqual([])
    })

    it('wakes a following reader when a record arrives, and not for another partition', async () => {
      const bounds = await log.bounds('interactions')
      const [here, there] = [keyOn(0, bounds.length), keyOn(1, bounds.length)]
      const stop = new AbortController()
      const reading = iterate(log, 'interactions', await at('interactions', 0, 0), {
        follow: true,
        signal: stop.signal,
      })
      const first = reading.next()
      await log.append('interactions', [record(there, 'elsewhere')])
      await log.append('interactions', [record(here, 'a')])
      expect(values(await first)).toEqual(['a'])
      const second = reading.next()
      await log.append('interactions', [record(here, 'b'), record(here, 'c')])
      expect(values(await second)).toEqual(['b', 'c'])
      stop.abort()
      expect((await reading.next()).done).toBe(true)
    })

    it('ends a waiting reader when its signal aborts', async () => {
      const stop = new AbortController()
      const reading = iterate(log, 'models', await at('models', 0, 0), { follow: true, signal: stop.signal })
      const waiting = reading.next()
      stop.abort()
      expect(await waiting).toEqual({ done: true, value: undefined })
    })

    it('reads nothing under a signal that has aborted already', async () => {
      await log.append('models', many(3))
      const options = { follow: true, signal: AbortSignal.abort() }
      expect(await readAll(log, 'models', await at('models', 0, 0), options)).toEqual([])
    })

    it('refuses a position beyond the end, and one of another epoch', async () => {
      await log.append('models', many(3))
      const { epoch, partition } = await at('models', 0, 0)
      await expect(readAll(log, 'models', { epoch, partition, offset: 4 })).rejects.toMatchObject({
        code: 'log-went-back',
      })
      await expect(readAll(log, 'models', { epoch: epoch + 1, partition, offset: 0 })).rejects.toMatchObject({
        code: 'log-went-back',
      })
    })

    it('refuses a record over the limit and takes one of exactly the limit', async () => {
      const value = new Uint8Array(under.maxRecordBytes)
      const tooLarge = log.append('models', [record('', 'fits'), { key: 'k', value }])
      await expect(tooLarge).rejects.toMatchObject({ code: 'record-too-large', retriable: false })
      const [position] = await log.append('models', [{ key: '', value }])
      expect((await readAll(log, 'models', position!))[0]?.value.length).toBe(value.length)
    })

    it('leaves of a failed append a prefix of each partition, in order, if anything', async () => {
      const { length } = await log.bounds('interactions')
      const keys = [keyOn(0, length), keyOn(1, length)]
      const tooLarge = { key: keys[0]!, value: new Uint8Array(under.maxRecordBytes + 1) }
      const given = ['a', 'b', 'c', 'd', 'e', 'f'].map((value, i) => record(keys[i % 2]!, value))
      const failed = log.append('interactions', [...given.slice(0, 3), tooLarge, ...given.slice(3)])
      await expect(failed).rejects.toMatchObject({ code: 'record-too-large' })
      await log.append('interactions', [record(keys[0]!, 'after'), record(keys[1]!, 'after')])
      const prefixes = [['a', 'c'], ['b']]
      for (const [partition, prefix] of prefixes.entries()) {
        const left = (await everything(log, 'interactions', partition)).map(({ value }) => value)
        expect(left.pop()).toBe('after')
        expect(prefix.slice(0, left.length)).toEqual(left)
      }
    })

    it('refuses everything once closed, and ends a waiting reader with the same error', async () => {
      const from = await at('models', 0, 0)
      const waiting = iterate(log, 'models', from, { follow: true }).next()
      const appended = log.append('models', many(2))
      await appended
      await waiting
      const following = iterate(log, 'models', { ...from, offset: 2 }, { follow: true }).next()
      const ended = following.catch((error: unknown) => error)
      await log.close()
      expect(await ended).toMatchObject({ code: 'stopped' })
      await expect(log.append('models', many(1))).rejects.toMatchObject({ code: 'stopped' })
      await expect(readAll(log, 'models', from)).rejects.toMatchObject({ code: 'stopped' })
      await expect(log.bounds('models')).rejects.toMatchObject({ code: 'stopped' })
      await expect(log.retain(0)).rejects.toMatchObject({ code: 'stopped' })
    })

    it('finishes appends under way before it closes', async () => {
      const appending = log.append('models', many(10))
      const closing = log.close()
      expect(await appending).toHaveLength(10)
      await closing
    })

    it('has after reopening what it had before', async () => {
      if (under.reopen === undefined) return
      under.setTime(77)
      await log.append('interactions', many(100))
      await log.append('items', many(10))
      const before = await log.bounds('interactions')
      const records = await Promise.all(before.map(async (_, p) => await everything(log, 'interactions', p)))
      log = await under.reopen()
      expect(await log.bounds('interactions')).toEqual(before)
      expect(await Promise.all(before.map(async (_, p) => await everything(log, 'interactions', p)))).toEqual(records)
      const [next] = await log.append('interactions', [record('user-1', 'next')])
      expect(next?.offset).toBe(before[next!.partition]!.end)
    })
  })

  eventLogRetentionContract(name, open)
}
