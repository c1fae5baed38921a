import { afterEach, describe, expect, it } from 'vitest'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { audit } from '#stream-processors/audit.ts'
import type { Server } from './http/server.ts'
import { roleServer } from './role-server.ts'
import { startIngestRole } from './roles/ingest.ts'
import { startProcessRole } from './roles/process.ts'
import type { Role } from './roles/role.ts'
import { startServeRole } from './roles/serve.ts'
import { rowsCaughtUp } from './rows-caught-up.ts'
import { testClusters, type TestCluster } from './test-clusters.fixture.ts'

const cluster = testClusters()
const second = 1_000

describe.skipIf(cluster === undefined)('Machines whose clocks differ', () => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  })

  it('count every event once, read what they wrote, and read on from each other’s pages', async () => {
    const world = cluster!({ cursorKey: 'a key of more than sixteen bytes' })
    const parts = await world.open()
    const ahead = await ingest(world, 25 * second)
    const behind = await ingest(world, -25 * second)
    const processor = await startProcessRole({ ...(await context(world, 20 * second)), solver: typescriptSolver() })
    const early = await serve(world, -20 * second)
    const late = await serve(world, 28 * second)

    let position = ''
    for (let i = 0; i < 60; i++) {
      const body = { id: `e${i}`, userId: 'ann', itemId: `i${i % 40}`, type: 'view' }
      const [one, other] = i % 2 === 0 ? [ahead, behind] : [behind, ahead]
      position = (await post(one, body)).position
      if (i % 5 === 0) position = (await post(other, body)).position
    }
    for (const server of [early, late]) {
      const degraded = async () =>
        JSON.parse((await server.inject(`/v1/users/ann/recommendations?limit=5&after=${position}`)).body).degraded
      await expect.poll(degraded, { timeout: 20_000 }).not.toContain('behind')
    }
    const first = JSON.parse((await early.inject('/v1/users/bob/recommendations?limit=5')).body)
    const next = await late.inject(`/v1/users/bob/recommendations?limit=5&cursor=${first.nextCursor}`)
    expect([next.statusCode, shown(first).length]).toEqual([200, 5])
    expect(shown(JSON.parse(next.body)).filter((itemId) => shown(first).includes(itemId))).toEqual([])

    await rowsCaughtUp(parts)
    const { head } = (await parts.features.user('ann'))!
    expect(head).toMatchObject({ count: 60 })
    await processor.stop()
    expect(await audit(parts)).toMatchObject({ accepted: 72, folded: 60, repeated: 12, balanced: true })
  })

  it('do not take events in when the clock is too far from those of the servers', async () => {
    const world = cluster!()
    await expect(ingest(world, 40 * second)).rejects.toMatchObject({ code: 'clock-skewed' })
  })

  async function context(world: TestCluster, skewMs: number) {
    const parts = await world.open({ clock: skewed(skewMs) })
    return { parts, metrics: prometheusMetrics(), report: () => {} }
  }

  async function ingest(world: TestCluster, skewMs: number): Promise<Server> {
    const given = await context(world, skewMs)
    return served(given, await startIngestRole(given))
  }

  async function serve(world: TestCluster, skewMs: number): Promise<Server> {
    const given = await context(world, skewMs)
    const role = await startServeRole({ ...given, solver: typescriptSolver() })
    await role.caughtUp()
    return served(given, role)
  }

  async function served({ parts, metrics }: Awaited<ReturnType<typeof context>>, role: Role): Promise<Server> {
    const server = roleServer({ ...parts, metrics, routes: role.routes, ready: () => role.ready() })
    closing.push(async () => {
      await server.close()
      await role.stop()
    })
    await server.ready()
    return server
  }
})

function skewed(ms: number): Clock {
  const clock = systemClock()
  return { now: () => clock.now() + ms, sleep: (forMs, signal) => clock.sleep(forMs, signal) }
}

async function post(server: Server, payload: object): Promise<{ readonly position: string }> {
  const answer = await server.inject({ method: 'POST', url: '/v1/interactions', payload })
  expect(answer.statusCode).toBe(202)
  return JSON.parse(answer.body)
}

function shown({ items }: { readonly items: readonly { readonly itemId: string }[] }): string[] {
  return items.map(({ itemId }) => itemId)
}
