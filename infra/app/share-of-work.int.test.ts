import { describe, expect, it } from 'vitest'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { audit } from '#stream-processors/audit.ts'
import type { Parts } from './parts.ts'
import { startProcessRole, type ProcessRole } from './roles/process.ts'
import { rowsCaughtUp } from './rows-caught-up.ts'
import { testClusters } from './test-clusters.fixture.ts'

const cluster = testClusters()

describe.skipIf(cluster === undefined)('Several processors', () => {
  it('share the partitions, hand them over in mid-stream, and count every event once', async () => {
    const world = cluster!()
    const { config } = world
    const parts = await world.open()
    const owned = new Map<number, number>()
    const start = async (n: number): Promise<ProcessRole> =>
      startProcessRole({
        parts: await world.open(),
        metrics: ownedPartitions((count) => owned.set(n, count)),
        solver: typescriptSolver(),
        report: () => {},
      })
    let sent = 0
    const send = async (count: number): Promise<void> => {
      await append(parts, sent, count)
      sent += count
    }

    const first = await start(1)
    await send(500)
    const second = await start(2)
    await second.folded()
    while (owned.get(2) === 0 || owned.get(1)! + owned.get(2)! !== config.partitions) await send(20)
    await send(500)
    const third = await start(3)
    await send(500)
    await first.stop()
    await send(500)
    await second.stop()
    await send(500)
    await rowsCaughtUp(parts)
    expect(owned).toEqual(new Map([1, 2, 3].map((n) => [n, n === 3 ? config.partitions : 0])))
    await third.stop()
    expect(await audit(parts)).toMatchObject({ accepted: sent, folded: sent, repeated: 0, dead: 0, balanced: true })
  })
})

function ownedPartitions(tell: (count: number) => void): Metrics {
  return {
    ...noMetrics,
    gauge(name, value) {
      if (name === 'millrace_partitions_owned') tell(value)
    },
  }
}

async function append({ log, codec }: Parts, from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => from + i).map((n) =>
    interaction({ id: `e${n}`, userId: `u${n % 97}`, itemId: `i${n % 31}` }),
  )
  await log.append(
    'interactions',
    events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) })),
  )
}
