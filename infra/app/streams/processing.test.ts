import { describe, expect, it } from 'vitest'
import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import { streamWorld } from './stream-world.fixture.ts'

const garbage = Uint8Array.of(1, 2, 3)

function views(count: number, userId = 'ann') {
  return Array.from({ length: count }, (_, i) => interaction({ id: `${userId}-${i}`, userId, itemId: `i${i % 7}` }))
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return isMillraceError(error) ? error.code : error
  }
}

describe('Processing', () => {
  it('folds what is on the log and what comes while it runs', async () => {
    const world = streamWorld()
    await world.append(...views(10))
    const processing = await world.process()
    await processing.caughtUp()
    expect((await world.features.user('ann'))?.history).toHaveLength(10)
    await world.append(...views(3, 'bob'))
    await processing.caughtUp()
    expect((await world.features.user('bob'))?.history).toHaveLength(3)
    await processing.stop()
  })

  it('goes on from its checkpoint', async () => {
    const world = streamWorld()
    await world.append(...views(5))
    await world.fold()
    await world.append(...views(5), interaction({ id: 'new', userId: 'ann' }))
    await world.fold()
    const user = await world.features.user('ann')
    expect(user?.history.map((entry) => entry.id)).toEqual([...views(5).map((event) => event.id), 'new'])
    expect(user?.head.applied).toBe(6)
  })

  it('announces every changed row after it is durable', async () => {
    const world = streamWorld()
    await world.append(...views(3))
    await world.fold()
    const noticed = new Set<string>()
    for (const topic of ['user-notices', 'item-notices'] as const) {
      for (const { epoch, partition } of await world.log.bounds(topic)) {
        for await (const records of world.log.read(topic, { epoch, partition, offset: 0 })) {
          for (const { value } of records) noticed.add(world.codec.decodeEvent(topic, value).key)
        }
      }
    }
    expect([...noticed].sort()).toEqual(['ann', 'i0', 'i1', 'i2'])
  })

  it('puts records that cannot be read aside, once, and goes on', async () => {
    const world = streamWorld()
    await world.append(...views(1))
    await world.log.append('interactions', [{ key: 'ann', value: garbage }])
    await world.append(interaction({ id: 'after', userId: 'ann' }))
    await world.fold()
    expect((await world.features.user('ann'))?.history).toHaveLength(2)
    const [letter, ...others] = await world.deadLetters()
    expect(others).toEqual([])
    expect(letter).toMatchObject({ topic: 'interactions', key: 'ann', position: { offset: 1 } })
    expect([...(letter?.bytes ?? [])]).toEqual([...garbage])
    expect(world.metrics.value('millrace_dead_letters_total')).toBe(1)
  })

  it('does not put a record aside a second time when it is read again', async () => {
    const world = streamWorld()
    await world.log.append('interactions', [{ key: 'ann', value: garbage }])
    await world.fold()
    const partition = partitionOf('ann', 2)
    await world.store.saveCheckpoint('interactions', { epoch: 1, partition, offset: 0 })
    await world.fold()
    expect(await world.deadLetters()).toHaveLength(1)
  })

  it('starts anew from the checkpoint when the store fails, and counts nothing twice', async () => {
    const world = streamWorld()
    await world.append(...views(200))
    let writes = 0
    const flaky: StateStore = {
      ...world.store,
      async write(rows) {
        await world.store.write(rows)
        if (writes++ === 1) throw new MillraceError('store-failed', 'the answer was lost', { retriable: true })
      },
    }
    const processing = await world.process({ store: flaky })
    await processing.caughtUp()
    await processing.stop()
    expect((await world.features.user('ann'))?.head).toMatchObject({ count: 200, applied: 200 })
  })

  it('stops with log-went-back when its checkpoint lies beyond the log', async () => {
    const world = streamWorld()
    await world.store.saveCheckpoint('interactions', { epoch: 1, partition: 0, offset: 5 })
    const processing = await world.process()
    expect(await codeOf(processing.ended)).toBe('log-went-back')
    expect(await codeOf(processing.caughtUp())).toBe('log-went-back')
  })

  it('stops with log-went-back on a log of another epoch', async () => {
    const world = streamWorld()
    await world.store.saveCheckpoint('interactions', { epoch: 0, partition: 0, offset: 0 })
    expect(await codeOf((await world.process()).ended)).toBe('log-went-back')
  })

  it('stops with log-went-back when it meets a row of another partition', async () => {
    const world = streamWorld()
    await world.append(interaction({ id: 'x', userId: 'ann' }))
    const head = world.codec.encodeRow('user-heads', {
      ...(await headOfAnn()),
      partition: 1 - partitionOf('ann', 2),
    })
    await world.store.write([{ table: 'user-heads', key: 'ann', part: 0, epoch: 1, offset: 0, bytes: head }])
    expect(await codeOf((await world.process()).ended)).toBe('log-went-back')
  })

  it('stops on a record of an unknown schema: a newer release wrote it', async () => {
    const world = streamWorld()
    const known = world.codec.encodeEvent('interactions', interaction({ id: 'x' }))
    await world.log.append('interactions', [
      { key: 'ann', value: Uint8Array.from(known, (byte, i) => (i === 1 ? 99 : byte)) },
    ])
    expect(await codeOf((await world.process()).ended)).toBe('schema-unknown')
    expect(await world.deadLetters()).toEqual([])
  })

  it('measures how far it is behind', async () => {
    const world = streamWorld()
    const processing = await world.process()
    await world.append(...views(4))
    await processing.caughtUp()
    await processing.measureLag()
    expect(world.metrics.value('millrace_lag_events', { topic: 'interactions' })).toBe(0)
    await processing.stop()
    await world.append(...views(4, 'bob'))
    await processing.measureLag()
    expect(world.metrics.value('millrace_lag_events', { topic: 'interactions' })).toBe(4)
  })
})

async function headOfAnn() {
  const other = streamWorld()
  await other.append(interaction({ id: 'y', userId: 'ann' }))
  await other.fold()
  const user = await other.features.user('ann')
  return user!.head
}

describe('Processing of a share', () => {
  const on = (partition: number) => ['ann', 'bob', 'cat', 'dan'].find((user) => partitionOf(user, 2) === partition)!

  it('folds the partitions it owns and no others', async () => {
    const world = streamWorld()
    await world.append(...views(3, on(0)), ...views(4, on(1)))
    const processing = await world.process({ partitions: [1] })
    await processing.caughtUp()
    expect(await world.features.user(on(0))).toBeUndefined()
    expect((await world.features.user(on(1)))?.history).toHaveLength(4)
    await processing.own([0, 1])
    await processing.caughtUp()
    expect((await world.features.user(on(0)))?.history).toHaveLength(3)
    await processing.stop()
  })

  it('hands a partition over in mid-stream, with nothing lost or counted twice', async () => {
    const world = streamWorld()
    const [one, other] = [await world.process(), await world.process({ partitions: [] })]
    await world.append(...views(50, on(0)))
    for (let moves = 0; moves < 6; moves++) {
      const [from, to] = moves % 2 === 0 ? [one, other] : [other, one]
      await world.append(...views(10, on(0)).map((event) => ({ ...event, id: `${moves} ${event.id}` })))
      await Promise.all([from.own([]), to.own([0])])
    }
    await one.caughtUp()
    const head = (await world.features.user(on(0)))?.head
    expect(head).toMatchObject({ count: 110, applied: 110 })
    await Promise.all([one.stop(), other.stop()])
  })

  it('waits for nothing once it owns nothing', async () => {
    const world = streamWorld()
    const processing = await world.process({ partitions: [] })
    await world.append(...views(3))
    await processing.caughtUp()
    expect(await world.features.user('ann')).toBeUndefined()
    await processing.stop()
  })
})
