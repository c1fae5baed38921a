import { describe, expect, it } from 'vitest'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { heardNotices, beginHearing } from '#serving/read-model/heard-notices.ts'
import { userRows } from '#serving/read-model/user-rows.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import type { Parts } from './parts.ts'
import { startProcessRole } from './roles/process.ts'
import { rowsCaughtUp } from './rows-caught-up.ts'
import { testClusters } from './test-clusters.fixture.ts'

const cluster = testClusters()
const shared = { cache: 'shared-user-rows' }

describe.skipIf(cluster === undefined)('Instances on Kafka, Cassandra and Redis', () => {
  it('answer users from copies in Redis, and after every event what it changed', async () => {
    const world = cluster!()
    const metrics = memoryMetrics()
    const [parts, other] = [await world.open({ metrics }), await world.open({ metrics })]
    const processing = await startProcessRole({
      parts,
      metrics: noMetrics,
      solver: typescriptSolver(),
      report: () => {},
    })
    await append(parts, 0)
    await rowsCaughtUp(parts)
    const readers = [await reader(parts), await reader(other)]

    await expect.poll(() => hitsOf(metrics, () => readers[0]!.itemsOf('ann'))).toBe(1)
    expect(await hitsOf(metrics, () => readers[1]!.itemsOf('ann'))).toBe(1)
    for (let n = 1; n <= 20; n++) {
      await append(parts, n)
      await rowsCaughtUp(parts)
      for (const each of readers) {
        await each.caughtUp()
        expect(await each.itemsOf('ann')).toEqual(Array.from({ length: n + 1 }, (_, i) => `film-${i}`))
      }
    }
    for (const each of readers) await each.stop()
    await processing.stop()
  })
})

/** What serving reads users by, without rows of its own. */
async function reader({ log, codec, clock, features }: Parts) {
  const heard = heardNotices({ capacity: 100, partitions: log.partitions('interactions') })
  const rows = userRows({ features, capacity: 0, heard, metrics: noMetrics })
  const tailing = await logTail({ log, codec, clock }).follow({
    name: 'test',
    topic: 'user-notices',
    from: 'end',
    apply: (records) => records.forEach(({ event }) => rows.notice(event)),
    onUnreadable(_, error) {
      throw error
    },
  })
  await beginHearing(heard, { log, features })
  return {
    caughtUp: () => tailing.caughtUp(),
    stop: () => tailing.stop(),
    async itemsOf(userId: string) {
      const read = await rows.read(userId, false)
      expect(read.type).toBe('read')
      return read.type === 'failed' ? [] : read.features?.history.map(({ itemId }) => itemId)
    },
  }
}

async function hitsOf(metrics: ReturnType<typeof memoryMetrics>, read: () => Promise<unknown>): Promise<number> {
  const before = metrics.value('millrace_cache_hits_total', shared)
  await read()
  return metrics.value('millrace_cache_hits_total', shared) - before
}

async function append({ log, codec }: Parts, n: number): Promise<void> {
  const event = interaction({ id: `e${n}`, userId: 'ann', itemId: `film-${n}` })
  await log.append('interactions', [{ key: 'ann', value: codec.encodeEvent('interactions', event) }])
}
