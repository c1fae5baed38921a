import { describe, expect, it } from 'vitest'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { roleServer } from './role-server.ts'
import { startIngestRole } from './roles/ingest.ts'
import { startServeRole } from './roles/serve.ts'
import { testClusters } from './test-clusters.fixture.ts'

const cluster = testClusters()

describe.skipIf(cluster === undefined)('While the fold is far behind', () => {
  it('lists know what their users have just done', async () => {
    const parts = await cluster!({ partitions: 2 }).open()
    const metrics = prometheusMetrics()
    const context = { parts, metrics, report: () => {} }
    const ingest = await startIngestRole(context)
    const serve = await startServeRole({ ...context, solver: typescriptSolver() })
    await serve.caughtUp()
    const server = roleServer({
      ...parts,
      metrics,
      routes: [...ingest.routes, ...serve.routes],
      ready: () => serve.ready(),
    })
    await server.ready()

    const post = async (events: readonly object[]) => {
      const payload = events.map((event) => JSON.stringify(event)).join('\n')
      const headers = { 'content-type': 'application/x-ndjson' }
      const answer = await server.inject({ method: 'POST', url: '/v1/interactions', headers, payload })
      expect(answer.statusCode).toBe(202)
      return JSON.parse(answer.body).position as string
    }
    const recommended = async (after: string) => {
      const url = `/v1/users/ann/recommendations?limit=3&after=${after}`
      return JSON.parse((await server.inject(url)).body)
    }

    const backlog = Array.from({ length: 2_000 }, (_, i) => ({
      id: `b${i}`,
      userId: `u${i}`,
      itemId: 'x',
      type: 'view',
    }))
    await post(backlog)
    const like = (n: number) => ({ id: `ann-${n}`, userId: 'ann', itemId: `i${n}`, type: 'like' })
    let position = ''
    let n = 0
    await expect
      .poll(
        async () => {
          position = await post([like(n++)])
          return (await recommended(position)).degraded
        },
        { timeout: 30_000 },
      )
      .not.toContain('behind')
    expect((await parts.features.user('ann'))?.history).toBeUndefined()
    expect((await recommended(position)).degraded).not.toContain('cold')

    await server.close()
    await serve.stop()
    await ingest.stop()
  })
})
