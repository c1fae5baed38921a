import { Producer } from '@platformatic/kafka'
import { randomUUID } from 'node:crypto'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { everything, iterate, keyOn, readAll, record, values } from '#schemas/ports/event-log-under-test.fixture.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BrokerLog } from './broker-log.fixture.ts'
import { openBrokerLog } from './broker-log.fixture.ts'
import { kafkaClients } from './open.ts'

const kafka = testServer('kafka')
const start = { epoch: 1, partition: 0, offset: 0 }

describe.skipIf(kafka === undefined).each(kafkaClients)('What others do to a log on Kafka, read by %s', (consumer) => {
  const brokers = kafka?.brokers ?? []
  let under: BrokerLog
  beforeEach(async () => {
    under = await openBrokerLog({ brokers, producer: 'platformatic', consumer })
  })
  afterEach(async () => await under.dispose())

  it('records of a transaction are seen once it is committed, never when it is aborted', async () => {
    const topic = `${under.topicPrefix}models`
    const producer = new Producer({
      clientId: 'other',
      bootstrapBrokers: [...brokers],
      transactionalId: `other-${randomUUID()}`,
      idempotent: true,
    })
    const messages = (...texts: string[]) =>
      texts.map((text) => ({ topic, partition: 0, key: Buffer.from('k'), value: Buffer.from(text) }))
    const aborted = await producer.beginTransaction()
    await aborted.send({ messages: messages('never', 'seen') })
    await under.log.append('models', [record('', 'ours')])
    const reading = iterate(under.log, 'models', start, { follow: true })
    const first = reading.next()
    expect(await everything(under.log, 'models', 0)).toEqual([])
    expect(await under.log.bounds('models')).toMatchObject([{ end: 0 }])
    await aborted.abort()
    expect(values(await first)).toEqual(['ours'])
    const committed = await producer.beginTransaction()
    await committed.send({ messages: messages('seen', 'at last') })
    const second = reading.next()
    await committed.commit()
    expect(values(await second)).toEqual(['seen', 'at last'])
    expect((await everything(under.log, 'models', 0)).map(({ value }) => value)).toEqual(['ours', 'seen', 'at last'])
    await reading.return?.()
    await producer.close()
  })

  it('records without key or value are read as empty ones', async () => {
    const producer = new Producer({ clientId: 'other', bootstrapBrokers: [...brokers] })
    await producer.send({ messages: [{ topic: `${under.topicPrefix}models`, partition: 0, timestamp: 5n }], acks: -1 })
    await producer.close()
    expect(await everything(under.log, 'models', 0)).toEqual([{ offset: 0, key: '', value: '', timestamp: 5 }])
  })

  it('the broker compacts what is old, and every read goes on over the gaps', async () => {
    // The broker spares the segment it writes to, so segments are to end soon.
    const configs = { 'min.compaction.lag.ms': '0', 'min.cleanable.dirty.ratio': '0', 'segment.ms': '50' }
    const compacted = await openBrokerLog({ brokers, producer: 'platformatic', consumer, configs })
    const { log } = compacted
    const append = async (key: string, i: number) => {
      compacted.setTime(i * 1_000)
      await log.append('items', [record(key, `${i}`)])
    }
    const all = (from: number) => readAll(log, 'items', { ...start, offset: from }, { maxRecords: 3 })
    const [only, key] = [keyOn(0, 3), keyOn(0, 3, 1)]
    for (let i = 0; i < 20; i++) await append(i === 3 ? only : key, i)
    let appended = 20
    await vi.waitFor(
      async () => {
        await append(key, appended++)
        expect((await all(0)).map(({ offset }) => offset)).not.toEqual(Array.from({ length: appended }, (_, i) => i))
      },
      { timeout: 120_000, interval: 200 },
    )
    // The broker may compact on while this reads: what it must keep is there, from wherever one begins.
    const kept = [
      { offset: 3, key: only, value: '3' },
      { offset: appended - 1, key, value: `${appended - 1}` },
    ]
    for (const from of [0, 1, 3, 4, 10]) {
      const left = await all(from)
      expect(left.length).toBeLessThan(appended - from)
      expect(left).toEqual(left.filter(({ offset }, i) => offset >= from && offset > (left[i - 1]?.offset ?? -1)))
      expect(left.filter((each) => each.key === only)).toMatchObject(from <= 3 ? [kept[0]] : [])
      expect(left.at(-1)).toMatchObject(kept[1]!)
    }
    await compacted.dispose()
  })
})
