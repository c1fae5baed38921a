import type { EventLog } from '#schemas/ports/event-log.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { DataFolder } from './data-folder.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '#schemas/math/random.ts'
import { topics } from '#schemas/topics.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataFolder } from './data-folder.ts'
import { lmdbEventLog } from './event-log.ts'

/** Large enough that a block holds two or three records: 400 of them are more blocks than are handled at once. */
const valueBytes = 12_000
const count = 400
const hour = 3_600_000

describe('retention over many blocks', () => {
  let path: string
  let folder: DataFolder
  let log: EventLog
  let now = 0
  const appended: { key: string; offset: number; timestamp: number }[] = []
  const clock = { now: () => now }
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'millrace-retention-'))
    folder = await openDataFolder({ path, clock, partitions: 1 })
    log = lmdbEventLog({ folder, clock })
    appended.length = 0
  })
  afterEach(async () => {
    await log.close()
    await folder.close()
    await rm(path, { recursive: true })
  })

  const fill = async (topic: TopicName) => {
    const random = seededRandom(3)
    for (let offset = 0; offset < count;) {
      now = offset * hour
      const some = Array.from({ length: 1 + Math.floor(random() * 7) }, () => `k${Math.floor(random() * 40)}`)
      await log.append(
        topic,
        some.map((key) => ({ key, value: new Uint8Array(valueBytes) })),
      )
      for (const key of some) appended.push({ key, offset: offset++, timestamp: now })
    }
  }
  const offsets = async (topic: TopicName, from: number) => {
    const found: number[] = []
    for await (const batch of log.read(topic, { epoch: 1, partition: 0, offset: from }, { maxRecords: 7 })) {
      found.push(...batch.map(({ offset }) => offset))
    }
    return found
  }

  it('leaves by time exactly the records from the first that is young or kept', async () => {
    const topic = 'item-notices'
    const { retention } = topics[topic]
    const ms = retention.type === 'time' ? retention.ms : 0
    await fill(topic)
    for (const [age, keepFrom] of [
      [50, count],
      [250, 201],
      [350, count],
    ] as const) {
      await log.retain(ms + age * hour, { [topic]: [keepFrom] })
      const first = appended.find(({ timestamp, offset }) => timestamp >= age * hour || offset >= keepFrom)!.offset
      expect((await log.bounds(topic))[0]?.start).toBe(first)
      const left = appended.map(({ offset }) => offset).filter((offset) => offset >= first)
      expect(await offsets(topic, first)).toEqual(left)
      await expect(offsets(topic, first - 1)).rejects.toMatchObject({ code: 'log-truncated' })
    }
  })

  it('leaves by compaction exactly the newest of each key and the young', async () => {
    const { retention } = topics.profiles
    const minAgeMs = retention.type === 'compact' ? retention.minAgeMs : 0
    await fill('profiles')
    const newest = new Map(appended.map(({ key, offset }) => [key, offset]))
    for (const age of [100, 300, 10_000]) {
      await log.retain(minAgeMs + age * hour)
      const left = appended
        .filter(({ key, offset, timestamp }) => timestamp > age * hour - 1 || newest.get(key) === offset)
        .map(({ offset }) => offset)
      expect(await offsets('profiles', 0)).toEqual(left)
      expect(await offsets('profiles', 123)).toEqual(left.filter((offset) => offset >= 123))
    }
    expect(await offsets('profiles', 0)).toHaveLength(40)
  })
})
