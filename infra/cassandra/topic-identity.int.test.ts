import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { cassandraClock } from './clock.ts'
import { temporaryKeyspace, type TemporaryKeyspace } from './keyspace.fixture.ts'
import { migrate } from './migrate.ts'
import { rememberTopics } from './topic-identity.ts'

const server = testServer('cassandra')

describe.skipIf(server === undefined)('The identities of topics in Cassandra', () => {
  let space: TemporaryKeyspace
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
    await migrate(space.cassandra)
  })
  afterAll(async () => await space.dispose())

  const topic = { name: 'interactions', epoch: 1, id: '6f1c', partitions: 64 }

  it('are those first seen, and another one of the same epoch is refused for good', async () => {
    const { cassandra } = space
    const topics = [topic, { ...topic, name: 'items' }]
    await rememberTopics(cassandra, topics)
    await rememberTopics(cassandra, topics)
    await expect(rememberTopics(cassandra, [{ ...topic, id: 'another' }])).rejects.toMatchObject({
      code: 'log-went-back',
      retriable: false,
      message: expect.stringContaining('raise `epoch`'),
    })
    const grown = rememberTopics(cassandra, [{ ...topic, partitions: 128 }])
    await expect(grown).rejects.toMatchObject({ code: 'log-went-back', retriable: false })
    await rememberTopics(cassandra, [{ ...topic, epoch: 2, id: 'another', partitions: 128 }])
    await rememberTopics(cassandra, topics)
  })

  it('are one each when several processes see a topic at once', async () => {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => space.connect()))
    const seen = await Promise.allSettled(
      sessions.map((session, i) => rememberTopics(session, [{ ...topic, name: 'profiles', id: `id-${i}` }])),
    )
    expect(seen.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('stand beside a clock that goes', async () => {
    const first = await cassandraClock(space.cassandra)
    expect(await cassandraClock(space.cassandra)).toBeGreaterThanOrEqual(first)
    expect(first).toBeGreaterThan(Date.UTC(2020, 0))
  })
})
