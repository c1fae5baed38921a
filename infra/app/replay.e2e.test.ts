import { beforeAll, describe, expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import { defaultFoldSettings, type FoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { randomLog } from './fold-model/random-log.fixture.ts'
import { differingRows, foldFromZero, storedRows, type RowBytes } from './proof/fold-from-zero.fixture.ts'
import { runTask } from './proof/task-runs.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

const codec = avroCodec()
const clock = systemClock()
const partitions = 4

/** Bounds that a log of some thousand events reaches: sealed chunks, a wrapped ring, evicted counters. */
const settings: FoldSettings = {
  ...defaultFoldSettings,
  limits: { ...defaultFoldSettings.limits, head: 8, chunks: 4, history: 32, coViews: 4, itemUsers: 3 },
}

describe('A log that is folded again', () => {
  const log = memoryEventLog({ partitions })
  let expected: RowBytes
  beforeAll(async () => {
    await randomLog({ random: seededRandom(11), log, codec, users: 20, items: 15, size: 1_500 })
    expected = await foldFromZero({ log, codec, settings })
  })

  async function replay(store: StateStore, options: { maxRecords: number; cacheBytes: number }): Promise<RowBytes> {
    const ports = { log, store, codec, clock, metrics: noMetrics }
    const processing = await startProcessing(interactionsProcessor(settings), { ...ports, ...options })
    await processing.caughtUp()
    await processing.stop()
    return storedRows(store)
  }

  it.each([
    { maxRecords: 1, cacheBytes: 8 << 20 },
    { maxRecords: 1, cacheBytes: 0 },
    { maxRecords: 7, cacheBytes: 2_000 },
    { maxRecords: 256, cacheBytes: 0 },
    { maxRecords: 256, cacheBytes: 8 << 20 },
  ])('gives the same bytes in batches of $maxRecords with caches of $cacheBytes bytes', async (options) => {
    expect(differingRows(await replay(memoryStateStore(), options), expected)).toEqual([])
  })

  it('gives the same bytes in two generations of a data folder', async () => {
    await using temporary = await temporaryFolder()
    const folder = await openDataFolder({ path: temporary.path, clock, partitions })
    for (const [generation, maxRecords] of [
      ['first', 256],
      ['second', 50],
    ] as const) {
      const store = lmdbStateStore({ folder, generation })
      expect(differingRows(await replay(store, { maxRecords, cacheBytes: 4_000 }), expected)).toEqual([])
      await store.close()
    }
    await folder.close()
  })

  it.each([
    ['ascending', [0, 1, 2, 3]],
    ['descending', [3, 2, 1, 0]],
    ['mixed', [2, 0, 3, 1]],
  ])('gives the same bytes when its partitions are folded one wholly before another, %s', async (_, order) => {
    const store = memoryStateStore()
    const run = { batches: Infinity, maxRecords: 64 }
    for (const partition of order) await runTask({ partition, ...run }, { log, store, codec, settings })
    expect(differingRows(await storedRows(store), expected)).toEqual([])
  })

  it.each([1, 2, 3, 4, 5])('gives the same bytes however its partitions take turns (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const store = memoryStateStore()
    const open = Array.from({ length: partitions }, (_, partition) => partition)
    while (open.length > 0) {
      const turn = Math.floor(random() * open.length)
      const run = { batches: 1 + Math.floor(random() * 5), maxRecords: 1 + Math.floor(random() * 40) }
      if (await runTask({ partition: open[turn]!, ...run }, { log, store, codec, settings })) open.splice(turn, 1)
    }
    expect(differingRows(await storedRows(store), expected)).toEqual([])
  })

  it('has many rows', () => {
    expect(expected.size).toBeGreaterThan(200)
  })

  it('gives other bytes under other settings', async () => {
    const other = { ...settings, slowHalfLifeMs: settings.slowHalfLifeMs + 1 }
    expect(differingRows(await foldFromZero({ log, codec, settings: other }), expected)).not.toEqual([])
  })
})
