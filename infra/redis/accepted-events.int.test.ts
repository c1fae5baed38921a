import { describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { acceptedEventsContract } from '#schemas/ports/accepted-events.contract.ts'
import { redisAcceptedEvents } from './accepted-events.ts'
import type { RedisConnection } from './connect.ts'
import { ownKeys } from './own-keys.fixture.ts'

const redis = testServer('redis')

describe.skipIf(redis === undefined)('on a Redis server', () => {
  acceptedEventsContract('on Redis', async (keptMs) => {
    const { connection, pass } = await ownKeys([redis?.url ?? ''])
    let underWay: Promise<unknown> = Promise.resolve()
    const run: RedisConnection['run'] = (script, keys, args) => {
      const call = connection.run(script, keys, args)
      underWay = Promise.allSettled([underWay, call])
      return call
    }
    const accepted = redisAcceptedEvents({ connection: { run }, ...(keptMs !== undefined && { keptMs }) })
    return { accepted, pass, settled: async () => void (await underWay) }
  })
})

describe('Accepted events without Redis', () => {
  it('are missing, and counted as lost', async () => {
    const metrics = memoryMetrics()
    const connection = { run: () => Promise.reject(new Error('no connection')) }
    const accepted = redisAcceptedEvents({ connection, metrics })
    accepted.tell([{ event: interaction({ id: 'e' }), position: { epoch: 1, partition: 0, offset: 0 } }])
    expect(await accepted.of('ann')).toEqual([])
    expect(metrics.value('millrace_accepted_events_lost_total')).toBe(1)
  })
})
