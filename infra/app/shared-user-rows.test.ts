import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryCache } from '#infra/memory/cache.ts'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { cachedFeatureStore } from '#infra/rows/cached-feature-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Notice } from '#schemas/events/derived.ts'
import type { Cache } from '#schemas/ports/cache.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { blankUserHead } from '#schemas/rows/user-rows.ts'
import { heardNotices } from '#serving/read-model/heard-notices.ts'
import { userRows, type UserRead } from '#serving/read-model/user-rows.ts'

const codec = avroCodec()
const users = ['ann', 'bob', 'cat', 'dan'] as const
const instances = 3

const user = fc.constantFrom(...users)
const instance = fc.nat(instances - 1)
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('fold' as const), user }) },
  { weight: 9, arbitrary: fc.record({ type: fc.constant('hear' as const), instance }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('repeat' as const), at: fc.nat(30) }) },
  { weight: 9, arbitrary: fc.record({ type: fc.constant('read' as const), instance, user }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const), instance }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('evict' as const), user }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('outage' as const), of: fc.constantFrom('rows', 'cache') }) },
)

/** The rows and the log of one partition: a head is in the rows before its notice is on the log. */
function partition() {
  const heads = new Map<string, number>()
  const notices: Notice[] = []
  const down = { rows: false, cache: false }
  const failure = () => new MillraceError('store-failed', 'down', { retriable: true })
  const shared = memoryCache({ clock: manualClock() })
  const rows: FeatureStore = {
    ...rowFeatureStore({ store: memoryStateStore(), codec }),
    async user(userId) {
      if (down.rows) throw failure()
      const offset = heads.get(userId)
      return offset === undefined ? undefined : { head: { ...blankUserHead(), epoch: 1, offset }, history: [] }
    },
  }
  async function cached<R>(call: () => Promise<R>): Promise<R> {
    if (down.cache) throw failure()
    return call()
  }
  const cache: Cache = {
    get: (key) => cached(() => shared.get(key)),
    setIfNewer: (...given) => cached(() => shared.setIfNewer(...given)),
    delete: (key) => cached(() => shared.delete(key)),
  }
  let end = 0
  return {
    rows,
    cache,
    shared,
    notices,
    down,
    end: () => end,
    fold(key: string) {
      const offset = end++
      heads.set(key, offset)
      notices.push({ type: 'notice', key, row: 'user', position: { epoch: 1, partition: 0, offset }, acceptedAt: 0 })
    },
  }
}

type Partition = ReturnType<typeof partition>

/** A serving instance that begins now. What it asks of rows and cache happens, and is answered, when the scheduler says. */
function servingInstance(of: Partition, scheduler: fc.Scheduler, metrics: Metrics) {
  async function later<R>(call: () => Promise<R>): Promise<R> {
    await scheduler.schedule(Promise.resolve())
    const [outcome] = await Promise.allSettled([call()])
    await scheduler.schedule(Promise.resolve())
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
  const cache: Cache = {
    get: (key) => later(() => of.cache.get(key)),
    setIfNewer: (...given) => later(() => of.cache.setIfNewer(...given)),
    delete: (key) => later(() => of.cache.delete(key)),
  }
  const rows: FeatureStore = { ...of.rows, user: (userId) => later(() => of.rows.user(userId)) }
  const features = cachedFeatureStore({ features: rows, cache, codec, rows: 'r1', metrics })
  const heard = heardNotices({ capacity: 2, partitions: 1 })
  heard.begin(0, { announced: of.end() - 1, folded: of.end() - 1 })
  const reader = userRows({ features, capacity: 1, heard, metrics: noMetrics })
  const announced = new Map<string, number>()
  const hear = (notice: Notice): void => {
    announced.set(notice.key, Math.max(announced.get(notice.key) ?? -1, notice.position.offset))
    reader.notice(notice)
  }
  let next = of.notices.length
  of.notices.forEach(({ key, position }) => announced.set(key, position.offset))
  return {
    reader,
    hear,
    announced: (key: string) => announced.get(key) ?? -1,
    hearNext() {
      const notice = of.notices[next]
      if (notice === undefined) return
      next++
      hear(notice)
    },
  }
}

function offsetOf(read: UserRead): number {
  return read.type === 'failed' ? -1 : (read.features?.head.offset ?? -1)
}

describe('User rows with copies that instances share', () => {
  it('are never older than what the instance had heard when it was asked, unless they say so', async () => {
    let answers = 0
    const metrics = memoryMetrics()
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { minLength: 60, maxLength: 150 }), async (scheduler, steps) => {
        const of = partition()
        const serving = Array.from({ length: instances }, () => servingInstance(of, scheduler, metrics))
        const reads: Promise<void>[] = []

        async function read(at: (typeof serving)[number], key: string): Promise<void> {
          const wanted = at.announced(key)
          const answer = await at.reader.read(key, false)
          if (answer.type !== 'read') return
          answers++
          expect(offsetOf(answer)).toBeGreaterThanOrEqual(wanted)
        }

        for (const one of steps) {
          switch (one.type) {
            case 'fold':
              of.fold(one.user)
              break
            case 'hear':
              serving[one.instance]!.hearNext()
              break
            case 'repeat': {
              const notice = of.notices[one.at]
              if (notice !== undefined) serving.forEach(({ hear }) => hear(notice))
              break
            }
            case 'read':
              reads.push(read(serving[one.instance]!, one.user))
              break
            case 'advance':
              for (let i = 0; i < one.by && scheduler.count() > 0; i++) await scheduler.waitOne()
              break
            case 'restart':
              serving[one.instance] = servingInstance(of, scheduler, metrics)
              break
            case 'evict':
              await of.shared.delete(`user:r1:${one.user}`)
              break
            case 'outage':
              of.down[one.of] = !of.down[one.of]
              break
          }
        }
        await scheduler.waitFor(Promise.all(reads))
      }),
      { numRuns: 600 },
    )
    expect(answers).toBeGreaterThan(1_000)
    expect(metrics.value('millrace_cache_hits_total', { cache: 'shared-user-rows' })).toBeGreaterThan(1_000)
  })
})
