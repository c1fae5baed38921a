import { describe, expect, it } from 'vitest'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import { blankUserHead, type HistoryEntry } from '#schemas/rows/user-rows.ts'
import { ingestFixture, like, now, post } from './ingest.fixture.ts'

const fixture = ingestFixture()

describe('users', () => {
  const entry = (n: number, offset = n): HistoryEntry => ({
    id: `e${n}`,
    itemId: `i${n}`,
    action: 'rating',
    value: n % 2 === 0 ? 4 : null,
    occurredAt: n,
    acceptedAt: now + n,
    clock: now,
    offset,
    filed: true,
  })
  const user = (history: HistoryEntry[], guests: string[] = [], offset = 9): UserFeatures => ({
    head: { ...blankUserHead(), offset, adopted: guests.map((guestId) => ({ guestId, guestOffset: 1 })) },
    history,
  })

  it('have their counted interactions listed newest first', async () => {
    const app = fixture.ingest()
    fixture.users.set('u1', user(Array.from({ length: 300 }, (_, n) => entry(n))))
    const two = (await app.inject('/v1/users/u1/interactions?limit=2')).json()
    expect(two).toEqual({
      items: [
        { id: 'e299', itemId: 'i299', type: 'rating', occurredAt: 299, acceptedAt: now + 299 },
        { id: 'e298', itemId: 'i298', type: 'rating', value: 4, occurredAt: 298, acceptedAt: now + 298 },
      ],
    })
    expect((await app.inject('/v1/users/u1/interactions')).json().items).toHaveLength(100)
    expect((await app.inject('/v1/users/u1/interactions?limit=1000')).json().items).toHaveLength(300)
    expect((await app.inject('/v1/users/nobody/interactions')).json()).toEqual({ items: [] })
    for (const limit of ['0', '1001', 'x', '1.5']) {
      const answer = await app.inject(`/v1/users/u1/interactions?limit=${limit}`)
      expect(answer.json()).toMatchObject({ status: 400, field: 'limit' })
    }
  })

  it('are forgotten with every guest they adopted, and theirs', async () => {
    fixture.users.set('u1', user([], ['g1', 'g2']))
    fixture.users.set('g1', user([], ['g3', 'u1']))
    const answer = await fixture.ingest().inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect(answer.statusCode).toBe(202)
    expect(answer.json().erased).toEqual(['g3', 'g2', 'g1', 'u1'])
    const erases = await fixture.logged('interactions')
    expect(erases.map((event) => event.type)).toEqual(['erase', 'erase', 'erase', 'erase'])
    expect(erases.map((event) => event.userId).sort()).toEqual(['g1', 'g2', 'g3', 'u1'])
    expect((await fixture.logged('profiles')).map((event) => event.userId).sort()).toEqual(['g1', 'g2', 'g3', 'u1'])
    const nobody = await fixture.ingest().inject({ method: 'DELETE', url: '/v1/users/nobody' })
    expect(nobody.json()).toMatchObject({ erased: ['nobody'] })
  })

  it('adopt the whole history of a guest', async () => {
    fixture.users.set('u1', user([entry(1)], [], 9))
    fixture.users.set('g1', user([entry(5, 40), entry(6, 41)]))
    const app = fixture.ingest()
    const answer = await post(app, { guestId: 'g1' }, {}, '/v1/users/u1/adopt')
    expect(answer).toMatchObject({ status: 202, body: { carried: 2 } })
    await post(app, { guestId: 'g2' }, {}, '/v1/users/u2/adopt')
    const adopts = await fixture.logged('interactions')
    expect(adopts.find((event) => event.userId === 'u1')).toEqual({
      type: 'adopt',
      id: expect.any(String),
      userId: 'u1',
      occurredAt: now,
      acceptedAt: now,
      guestId: 'g1',
      basedOn: 9,
      history: [5, 6].map((n) => ({
        id: `e${n}`,
        itemId: `i${n}`,
        action: 'rating',
        value: n === 6 ? 4 : null,
        occurredAt: n,
        acceptedAt: now + n,
        guestOffset: n + 35,
      })),
    })
    expect(adopts.find((event) => event.userId === 'u2')).toMatchObject({ basedOn: -1, history: [] })
    for (const body of [{}, { guestId: 'u1' }, { guestId: 'a\nb' }, { guestID: 'g' }, []]) {
      expect((await post(app, body, {}, '/v1/users/u1/adopt')).status).toBe(400)
    }
  })

  it('are neither forgotten nor adopted before the fold has seen all their events', async () => {
    await post(fixture.ingest(), like)
    let folded = 0
    let waits = 0
    const features = {
      user: async () => undefined,
      profile: async () => undefined,
      catalogueEntry: async () => undefined,
      foldedTo: async (partition: number) => ({ epoch: 1, partition, offset: folded }),
    }
    let time = now
    const clock = {
      now: () => time,
      sleep: async (ms: number) => {
        time += ms
        if (++waits === 3) folded = 1
      },
    }
    const answer = await fixture.ingest({ features, clock }).inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect({ status: answer.statusCode, waits }).toEqual({ status: 202, waits: 3 })
    folded = -1_000
    const behind = await fixture.ingest({ features, clock }).inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect(behind.json()).toMatchObject({ status: 503, code: 'overloaded' })
    expect(await fixture.logged('interactions')).toHaveLength(2)
  })
})
