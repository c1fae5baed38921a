import { expect, it } from 'vitest'
import { findServers, type Way } from './find-servers.fixture.ts'

const events: string[] = []

function redisWay(name: string): Way {
  return {
    redis: () =>
      Promise.resolve({
        endpoint: { url: name },
        stop: () => Promise.resolve(events.push(`${name} stopped`)),
      }),
  }
}

function failing(reason: string): Way {
  return { redis: () => Promise.reject(new Error(reason)) }
}

it('takes what is given before it starts anything', async () => {
  const given = { redis: { url: 'given' } }
  const found = await findServers({ wanted: ['redis'], given, ways: [redisWay('container')] })
  expect(found.servers).toEqual(given)
})

it('tries one way after the other, and stops what it started', async () => {
  const ways = [failing('no image'), redisWay('local'), redisWay('never')]
  const found = await findServers({ wanted: ['redis'], given: {}, ways })
  expect(found.servers).toEqual({ redis: { url: 'local' } })
  expect(found.missing).toEqual({})
  await found.stop()
  expect(events).toEqual(['local stopped'])
})

it('says why a server is missing', async () => {
  const ways = [failing('no image'), failing('no redis-server')]
  const found = await findServers({ wanted: ['redis', 's3'], given: {}, ways })
  expect(found.servers).toEqual({})
  expect(found.missing).toEqual({
    redis: 'no image; no redis-server',
    s3: 'it is not given, and cannot be started here',
  })
})

it('hands the Kafka that it found to who needs one', async () => {
  const way: Way = {
    kafka: () => Promise.resolve({ endpoint: { brokers: ['a:1'] }, stop: () => Promise.resolve() }),
    schemaRegistry: async (kafka) => ({
      endpoint: { url: `beside ${(await kafka)?.brokers.join(',')}` },
      stop: () => Promise.resolve(),
    }),
  }
  const found = await findServers({ wanted: ['schemaRegistry', 'kafka'], given: {}, ways: [way] })
  expect(found.servers.schemaRegistry).toEqual({ url: 'beside a:1' })
})
