import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { sharedMembershipContract } from '#schemas/ports/membership.contract.ts'
import { apiKeys, brokerProxy } from './broker-proxy.fixture.ts'
import type { KafkaConnection } from './client.ts'
import { temporaryTopic } from './kafkajs/topics.fixture.ts'
import { kafkaMembership } from './membership.ts'

const kafka = testServer('kafka')
const connection: KafkaConnection = { brokers: kafka?.brokers ?? [], clientId: 'test' }
const [broker = ''] = connection.brokers
const quick = { sessionTimeoutMs: 2_000, heartbeatMs: 100 }

describe.skipIf(kafka === undefined)('Kafka', () => {
  sharedMembershipContract('kafka', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 8 })
    const settings = { ...quick, topic, groupPrefix: `${topic}-` }
    return {
      partitions: 8,
      membership: kafkaMembership(connection, settings),
      async other() {
        const proxy = await brokerProxy(broker)
        const membership = kafkaMembership({ ...connection, brokers: [proxy.address] }, settings)
        return { membership, kill: () => proxy.cut() }
      },
    }
  })

  it('gives a share back that was lost while the broker could not be reached', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 3 })
    const proxy = await brokerProxy(broker)
    const told: (readonly number[])[] = []
    const member = kafkaMembership(
      { ...connection, brokers: [proxy.address] },
      { ...quick, topic, groupPrefix: topic },
    ).join({ group: 'group', onShare: async (share) => void told.push(share) })
    onTestFinished(() => member.leave())
    await member.joined
    proxy.cut()
    await vi.waitFor(() => expect(told.at(-1)).toEqual([]), { timeout: 30_000 })
    proxy.restore()
    await vi.waitFor(() => expect(told.at(-1)).toEqual([0, 1, 2]), { timeout: 60_000 })
    expect(told).toEqual([[0, 1, 2], [], [0, 1, 2]])
  })

  it('joins anew when its connections are open and dead', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 3 })
    const proxy = await brokerProxy(broker)
    const told: (readonly number[])[] = []
    const settings = { ...quick, sessionTimeoutMs: 1_000, topic, groupPrefix: topic }
    const member = kafkaMembership({ ...connection, brokers: [proxy.address] }, settings).join({
      group: 'group',
      onShare: async (share) => void told.push(share),
    })
    onTestFinished(() => member.leave())
    await member.joined
    await vi.waitFor(() => expect(proxy.requests(apiKeys.heartbeat)).toBeGreaterThan(0))
    proxy.stall(apiKeys.heartbeat)
    await vi.waitFor(() => expect(told).toEqual([[0, 1, 2], [], [0, 1, 2]]), { timeout: 60_000 })
  })

  it('waits for a topic that is not there yet, and can be left meanwhile', async () => {
    const member = kafkaMembership(connection, { ...quick, topic: 'kafkajs-test-no-such-topic' }).join({
      group: `kafkajs-test-${crypto.randomUUID()}`,
      onShare: () => Promise.reject(new Error('there is nothing to share')),
    })
    await member.leave()
    await expect(member.joined).rejects.toMatchObject({ code: 'stopped' })
    await expect(member.ended).resolves.toBeUndefined()
  })

  it('ends with what no rejoining can mend: a session shorter than the broker allows', async () => {
    const topic = await temporaryTopic(connection)
    const member = kafkaMembership(connection, { topic, sessionTimeoutMs: 20, heartbeatMs: 10 }).join({
      group: topic,
      onShare: () => Promise.resolve(),
    })
    await expect(member.ended).rejects.toMatchObject({ code: 'configuration-invalid' })
  })
})
