import type { StateStore } from '#schemas/ports/state-store.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { DataFolder } from './data-folder.ts'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionOf } from '#schemas/partition.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'
import { lmdbStateStore } from './state-store.ts'

describe('a folder of format 1', () => {
  const clock = { now: () => 1_800_000_000_000 }
  const text = new TextDecoder()
  let path: string
  let folder: DataFolder
  let log: EventLog
  let store: StateStore
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'millrace-format-'))
    await cp(join(import.meta.dirname, 'fixtures/format-1'), path, { recursive: true })
    folder = await openDataFolder({ path, clock })
    log = lmdbEventLog({ folder, clock })
    store = lmdbStateStore({ folder, generation: 'rows-1' })
  })
  afterAll(async () => {
    await store.close()
    await log.close()
    await folder.close()
    await rm(path, { recursive: true })
  })

  const recordsOf = async (topic: TopicName) => {
    const found = []
    for (const { epoch, partition, start } of await log.bounds(topic)) {
      for await (const batch of log.read(topic, { epoch, partition, offset: start })) {
        for (const { offset, key, value, timestamp } of batch) {
          found.push({ partition, offset, key, value: text.decode(value), timestamp })
        }
      }
    }
    return found
  }

  it('says what was decided when it was made', () => {
    expect(folder.facts).toEqual({ format: 1, partitions: 2, epoch: 1, createdAt: 1_700_000_000_000 })
  })

  it('has its interactions in order', async () => {
    const expected = Array.from({ length: 300 }, (_, i) => ({ key: `user-${i % 7}`, value: `interaction ${i}` }))
    expected.push({ key: 'Zoë', value: 'interaction of a hundred days later' })
    const found = await recordsOf('interactions')
    for (const partition of [0, 1]) {
      const mine = expected.filter(({ key }) => partitionOf(key, 2) === partition)
      expect(found.filter((record) => record.partition === partition)).toEqual(
        mine.map(({ key, value }, offset) => {
          const timestamp = 1_700_000_000_000 + (key === 'Zoë' ? 8_640_000_000 : 0)
          return { partition, offset, key, value, timestamp }
        }),
      )
    }
  })

  it('has what retention left of the other topics', async () => {
    expect(await recordsOf('items')).toMatchObject([{ key: 'film', offset: 1, value: 'second title' }])
    expect(await recordsOf('user-notices')).toMatchObject([{ key: 'user-1', offset: 1, value: 'notice of today' }])
    const from = { epoch: 1, partition: partitionOf('user-1', 2), offset: 0 }
    await expect(log.read('user-notices', from)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'log-truncated',
    })
  })

  it('has its rows and checkpoint', async () => {
    const [head, none] = await store.read([
      { table: 'user-heads', key: 'Zoë', part: 0 },
      { table: 'user-heads', key: 'Zoë', part: 1 },
    ])
    expect([head && text.decode(head), none]).toEqual(['head of Zoë', undefined])
    const parts = await store.readParts('user-ids', 'user-1')
    expect(parts.map(({ part, bytes }) => [part, text.decode(bytes)])).toEqual([
      [19_675, 'ids of a day'],
      [19_676, 'ids of the next'],
    ])
    expect(await store.checkpoint('fold interactions', 1)).toEqual({ epoch: 1, partition: 1, offset: 13 })
  })

  it('keeps its guards', async () => {
    const late = { table: 'user-heads' as const, key: 'Zoë', part: 0, epoch: 1, offset: 11 }
    await store.write([{ ...late, bytes: new TextEncoder().encode('late') }])
    const [head] = await store.read([late])
    expect(head && text.decode(head)).toBe('head of Zoë')
  })
})
