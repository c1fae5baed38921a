import type { TopicName } from '../topics.ts'
import type { EventLog } from './event-log.ts'
import type { EventLogUnderTest } from './event-log-under-test.fixture.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { topics } from '../topics.ts'
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

const day = 86_400_000

/** What every event log keeps, and what it lets go: part of the contract of an event log. */
export function eventLogRetentionContract(name: string, open: () => Promise<EventLogUnderTest>): void {
  describe(`${name} as an event log that forgets`, () => {
    let under: EventLogUnderTest
    let log: EventLog
    beforeEach(async () => {
      under = await open()
      log = under.log
    })
    afterEach(async () => await under.dispose())

    const at = async (topic: TopicName, partition: number, offset: number) =>
      await positionAt(log, topic, partition, offset)

    it('removes by time what is old and below keepFrom, and says so to who asks for it', async () => {
      const [age, topic] = [day, 'user-notices' as const]
      const retention = topics[topic].retention
      const kept = retention.type === 'time' ? retention.ms : 0
      const key = keyOn(0, log.partitions(topic))
      for (let i = 0; i < 6; i++) {
        under.setTime(i * age)
        await log.append(topic, [record(key, `${i}`)])
      }
      await log.retain(4 * age + kept, { [topic]: log.partitions(topic) > 1 ? [2, 0] : [2] })
      expect((await everything(log, topic, 0)).map(({ value }) => value)).toEqual(['2', '3', '4', '5'])
      await log.retain(4 * age + kept)
      expect((await log.bounds(topic))[0]).toMatchObject({ start: 4, end: 6 })
      await expect(readAll(log, topic, await at(topic, 0, 3))).rejects.toMatchObject({ code: 'log-truncated' })
      expect((await everything(log, topic, 0)).map(({ offset }) => offset)).toEqual([4, 5])
    })

    it('never gives an offset twice, even when time has removed all there was', async () => {
      const topic = 'user-notices'
      const key = keyOn(0, log.partitions(topic))
      await log.append(topic, [record(key, 'a'), record(key, 'b')])
      await log.retain(1_000 * day)
      expect((await log.bounds(topic))[0]).toMatchObject({ start: 2, end: 2 })
      expect(await everything(log, topic, 0)).toEqual([])
      if (under.reopen !== undefined) log = await under.reopen()
      expect((await log.append(topic, [record(key, 'c')]))[0]?.offset).toBe(2)
      await expect(readAll(log, topic, await at(topic, 0, 0))).rejects.toMatchObject({ code: 'log-truncated' })
    })

    it('fetches no batch before it is asked for', async ({ skip }) => {
      skip(under.readsAhead === true, 'it reads ahead')
      const topic = 'user-notices'
      const key = keyOn(0, log.partitions(topic))
      await log.append(
        topic,
        Array.from({ length: 50 }, (_, i) => record(key, `${i}`)),
      )
      const reading = iterate(log, topic, await at(topic, 0, 0), { maxRecords: 10 })
      expect(values(await reading.next())).toHaveLength(10)
      await log.retain(1_000 * day)
      await expect(reading.next()).rejects.toMatchObject({ code: 'log-truncated' })
    })

    it('keeps for ever the newest record of each key of a compacted topic, and whatever is young', async ({ skip }) => {
      skip(under.compacts === 'in-its-own-time', 'it compacts in its own time')
      const key = keyOn(0, log.partitions('items'))
      const other = keyOn(0, log.partitions('items'), 1)
      under.setTime(0)
      await log.append('items', [record(key, 'old'), record(other, 'only'), record(key, 'older than its successor')])
      under.setTime(40 * day)
      await log.append('items', [record(key, 'young'), record(key, 'newest')])
      await log.retain(41 * day)
      const expected = [
        { offset: 1, value: 'only' },
        { offset: 3, value: 'young' },
        { offset: 4, value: 'newest' },
      ]
      expect(await everything(log, 'items', 0)).toMatchObject(expected)
      expect((await log.bounds('items'))[0]).toMatchObject({ start: 1, end: 5 })
      expect(await readAll(log, 'items', await at('items', 0, 0))).toMatchObject(expected)
      expect(await readAll(log, 'items', await at('items', 0, 2), { maxRecords: 1 })).toMatchObject(expected.slice(1))
      await log.retain(1_000 * day)
      expect(await everything(log, 'items', 0)).toMatchObject([expected[0], expected[2]])
    })

    it('keeps for ever what is to be kept for ever', async () => {
      await log.append('models', many(3))
      await log.retain(100_000 * day)
      expect(await everything(log, 'models', 0)).toHaveLength(3)
    })
  })
}
