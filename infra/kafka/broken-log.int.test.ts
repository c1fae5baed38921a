import type { EventLog } from '#schemas/ports/event-log.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { iterate, keyOn, many, record, values } from '#schemas/ports/event-log-under-test.fixture.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KafkaAdmin } from './client.ts'
import type { BrokerLog } from './broker-log.fixture.ts'
import { openBrokerLog, testConnection } from './broker-log.fixture.ts'
import { brokerProxy } from './broker-proxy.fixture.ts'
import { kafkaAdmin, kafkaClients, kafkaReader } from './open.ts'

const kafka = testServer('kafka')
const start = { epoch: 1, partition: 0, offset: 0 }

describe.skipIf(kafka === undefined).each(kafkaClients)('A log on Kafka read by %s', (client) => {
  const brokers = kafka?.brokers ?? []
  let admin: KafkaAdmin
  let under: BrokerLog
  let log: EventLog
  beforeEach(async () => {
    admin = kafkaAdmin(testConnection(brokers))
    under = await openBrokerLog({ brokers, producer: 'platformatic', consumer: client })
    log = under.log
  })
  afterEach(async () => {
    await under.dispose()
    await admin.close()
  })

  it('stops a reader whose topic is made anew, also when the new one has grown beyond it', async () => {
    await log.append('models', many(3))
    const reading = iterate(log, 'models', start, { follow: true })
    expect(values(await reading.next())).toHaveLength(3)
    const ended = reading.next().catch((error: unknown) => error)
    await under.makeAnew('models')
    const other = await openBrokerLog({
      brokers,
      producer: 'platformatic',
      consumer: client,
      topicPrefix: under.topicPrefix,
    })
    await other.log.append('models', many(10))
    expect(await ended).toMatchObject({ code: 'log-went-back', retriable: false })
    await other.dispose()
    const anew = iterate(log, 'models', { ...start, offset: 3 }, {}).next()
    await expect(anew).rejects.toMatchObject({ code: 'log-went-back' })
    await expect(log.bounds('models')).rejects.toMatchObject({ code: 'log-went-back' })
  })

  it('stops a reader whose topic is deleted', async () => {
    await log.append('models', many(3))
    const reading = iterate(log, 'models', start, { follow: true })
    expect(values(await reading.next())).toHaveLength(3)
    const ended = reading.next().catch((error: unknown) => error)
    await admin.deleteTopics([`${under.topicPrefix}models`])
    expect(await ended).toMatchObject({ code: 'log-went-back', retriable: false })
  })

  it('stops a reader below whom records are removed', async () => {
    const [topic] = await admin.topics([`${under.topicPrefix}models`])
    const large = Array.from({ length: 60 }, () => record('', 'x'.repeat(90_000)))
    await log.append('models', large)
    const reading = iterate(log, 'models', start, { follow: true, maxRecords: 1 })
    expect(values(await reading.next())).toHaveLength(1)
    await log.append('models', large)
    await admin.deleteRecords(topic!, new Map([[0, 119]]))
    const rest = async () => {
      for (let offset = 1; offset < 120; offset++) expect((await reading.next()).value?.[0]?.offset).toBe(offset)
    }
    await expect(rest()).rejects.toMatchObject({ code: 'log-truncated', retriable: false })
  })

  it('says that the connection was lost, and reads on from any position when it is back', async () => {
    const proxy = await brokerProxy(brokers[0] ?? '')
    const far = await openBrokerLog({
      brokers,
      producer: 'platformatic',
      consumer: client,
      topicPrefix: under.topicPrefix,
      log: { reader: kafkaReader(client, testConnection([proxy.address])) },
    })
    await far.log.append('models', many(3))
    const reading = iterate(far.log, 'models', start, { follow: true })
    expect(values(await reading.next())).toHaveLength(3)
    const ended = reading.next().catch((error: unknown) => error)
    proxy.cut()
    expect(await ended).toMatchObject({ code: 'store-failed', retriable: true })
    const refused = iterate(far.log, 'models', { ...start, offset: 1 }, { follow: true }).next()
    await expect(refused).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    proxy.restore()
    const again = iterate(far.log, 'models', { ...start, offset: 1 }, { follow: true })
    expect(values(await again.next())).toHaveLength(2)
    await again.return?.()
    await far.dispose()
  })

  it('gives a reader its records while that of another partition takes none', async () => {
    const [slow, quick] = [keyOn(0, 3), keyOn(1, 3)]
    const value = 'x'.repeat(50_000)
    await log.append(
      'interactions',
      Array.from({ length: 100 }, () => record(slow, value)),
    )
    const idle = iterate(log, 'interactions', start, { follow: true, maxRecords: 1 })
    expect(values(await idle.next())).toHaveLength(1)
    const reading = iterate(log, 'interactions', { ...start, partition: 1 }, { follow: true })
    for (let i = 0; i < 20; i++) {
      await log.append('interactions', [record(quick, `${i}`), record(slow, value)])
      expect(values(await reading.next())).toEqual([`${i}`])
    }
    let read = 1
    while (read < 120) read += values(await idle.next())!.length
    expect(read).toBe(120)
    await Promise.all([idle.return?.(), reading.return?.()])
  })

  it('ends a reader at once when its signal aborts while the broker cannot be reached', async () => {
    const proxy = await brokerProxy(brokers[0] ?? '')
    const far = await openBrokerLog({
      brokers,
      producer: 'platformatic',
      consumer: client,
      topicPrefix: under.topicPrefix,
      log: { admin: kafkaAdmin(testConnection([proxy.address])) },
    })
    proxy.cut()
    const stop = new AbortController()
    const reading = iterate(far.log, 'models', start, { follow: true, signal: stop.signal }).next()
    stop.abort()
    expect(await reading).toMatchObject({ done: true })
    proxy.restore()
    await far.dispose()
  })
})
