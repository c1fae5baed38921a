import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbEventLog } from '#infra/lmdb/event-log.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { Bench, Measure } from './bench.ts'
import { milliseconds, rate, short } from './figures.ts'
import { inFlight } from './in-flight.ts'
import { percentiles } from './percentiles.ts'

export const lmdbBench: Bench = {
  name: 'lmdb',
  title: 'The log and the rows on LMDB',
  question:
    'How many records a second does the log make durable, and how many rows does the store commit? Beside them: a plain file that is synced after every 4 kB.',
  async run({ seed, folder, say }) {
    const path = folder()
    const clock = systemClock()
    const data = await openDataFolder({ path, clock, partitions: 8 })
    const log = lmdbEventLog({ folder: data, clock })
    const store = lmdbStateStore({ folder: data, generation: 'bench' })
    const random = seededRandom(seed)
    try {
      say('syncs')
      const syncs = syncsPerSecond(path)
      say('appends')
      const singles = await appends(log, random, { width: 64, batch: 1, count: 30_000 }, syncs)
      const batches = await appends(log, random, { width: 8, batch: 100, count: 3_000 }, syncs)
      say('rows')
      const small = await rowWrites(store, { bytes: 200, batch: 64, count: 2_000 }, syncs)
      const large = await rowWrites(store, { bytes: 16_384, batch: 64, count: 200 }, syncs)
      return {
        measures: [
          { what: 'plain file: 4 kB and a sync, one after another', measured: rate(syncs, 1) },
          singles,
          batches,
          small,
          large,
        ],
        bound:
          "the disk's sync, which a group of appends shares (two a commit for the log, one for the rows), and the copying of bytes into pages",
      }
    } finally {
      await store.close()
      await log.close()
      await data.close()
    }
  },
}

const recordBytes = 200

async function appends(
  log: EventLog,
  random: () => number,
  { width, batch, count }: { readonly width: number; readonly batch: number; readonly count: number },
  syncs: number,
): Promise<Measure> {
  const value = new Uint8Array(recordBytes).map(() => random() * 256)
  const users = Array.from({ length: 10_000 }, (_, i) => `user-${i}`)
  const record = () => ({ key: users[Math.floor(random() * users.length)] ?? '', value })
  const found = await inFlight(width, count, async () => {
    await log.append('interactions', Array.from({ length: batch }, record))
  })
  const perSecond = (count * batch) / found.seconds
  return {
    what: `log: appends of ${batch} × ${recordBytes} B, ${width} under way`,
    measured: `${rate(perSecond, 1)} records, ${milliseconds(percentiles(found.milliseconds))}`,
    beside: `${short(perSecond / syncs)} records for each sync of a plain file`,
  }
}

async function rowWrites(
  store: StateStore,
  { bytes, batch, count }: { readonly bytes: number; readonly batch: number; readonly count: number },
  syncs: number,
): Promise<Measure> {
  const content = new Uint8Array(bytes).fill(7)
  const found = await inFlight(8, count, async (i) => {
    const rows = Array.from({ length: batch }, (_, j) => ({
      table: 'user-heads' as const,
      key: `user-${bytes}-${(i * batch + j) % 20_000}`,
      part: 0,
      epoch: 0,
      offset: i,
      bytes: content,
    }))
    await store.write(rows)
  })
  const perSecond = (count * batch) / found.seconds
  return {
    what: `rows: writes of ${batch} × ${bytes} B, 8 under way`,
    measured: `${rate(perSecond, 1)} rows, ${milliseconds(percentiles(found.milliseconds))}`,
    beside: `${short(perSecond / syncs)} rows for each sync of a plain file`,
  }
}

function syncsPerSecond(path: string): number {
  mkdirSync(path, { recursive: true })
  const file = openSync(join(path, 'plain'), 'w')
  const page = new Uint8Array(4096)
  const count = 300
  const began = performance.now()
  for (let i = 0; i < count; i++) {
    writeSync(file, page)
    fdatasyncSync(file)
  }
  closeSync(file)
  return count / ((performance.now() - began) / 1000)
}
