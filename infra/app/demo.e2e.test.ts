import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { runMillrace, startMillrace, type MillraceProcess } from './proof/millrace-process.fixture.ts'
import { postInFlight } from './proof/request-in-flight.fixture.ts'
import { post, standaloneOn } from './proof/running.fixture.ts'
import { temporaryFolder } from './proof/temporary-folder.fixture.ts'

/** A smaller model than the default: what is tried here does not depend on its size. */
const env = { MILLRACE_FACTORS: '32', MILLRACE_ITERATIONS: '3', MILLRACE_TRAIN_CRON: '' }

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return response.json()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** Each test goes on where the one before left off. */
describe('The demo', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let demo: MillraceProcess
  let url = ''
  let args: readonly string[] = []
  beforeAll(async () => {
    folder = await temporaryFolder()
    args = ['standalone', '--data', folder.path, '--port', '0']
    demo = startMillrace(args, { env })
    await demo.said(/Ctrl\+C stops/)
    url = (await demo.said(/listens on (\S+)\n/))[1]!
  })
  afterAll(async () => {
    await demo[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  it('counts the sample once, says so, and prints five commands and the address of its page', () => {
    const said = demo.stdout()
    expect(said).toContain('100,015 accepted = 100,015 folded + 0 repeated + 0 dead: balanced')
    expect(said.match(/^ {2}curl /gm)).toHaveLength(5)
    expect(said).toContain(`Open ${url}/ `)
  })

  it('recommends films to a printed user and says why, and a click takes the film out of the list', async () => {
    const list = (await demo.said(/curl '(\S+\/recommendations)\?limit=5'/))[1]!
    const user = decodeURIComponent(/users\/([^/]+)\//.exec(list)![1]!)
    const before = await json<RecommendationAnswer>(`${list}?limit=20`)
    expect(before).toMatchObject({ degraded: [] })
    expect(before.items).toHaveLength(20)
    for (const { explanation, features, score, because } of before.items) {
      expect(explanation).not.toBe('')
      expect(because.length).toBeGreaterThan(0)
      expect(sum(Object.values(features))).toBeCloseTo(score, 6)
    }
    const clicked = before.items[0]!.itemId
    const { status, body } = await post(url, '/v1/interactions', { userId: user, itemId: clicked, type: 'click' })
    expect(status).toBe(202)
    const after = await json<RecommendationAnswer>(`${list}?limit=20&after=${String(body['position'])}`)
    expect(after.degraded).toEqual([])
    expect(after.items.map(({ itemId }) => itemId)).not.toContain(clicked)
    expect(after.items).toHaveLength(20)
  })

  it('explains factor scores to the last bit of rounding, and is surer the more is known', async () => {
    const { items } = await json<RecommendationAnswer>(`${url}/v1/trending?limit=40`)
    const [liked, asked] = [items.slice(0, 30), items.slice(30)].map((part) => part.map(({ itemId }) => itemId))
    const confidences: number[] = []
    for (const [n, size] of [1, 3, 10, 30].entries()) {
      const userId = `newcomer-${n}`
      const events = liked!.slice(0, size).map((itemId) => ({ userId, itemId, type: 'like' }))
      const { body } = await post(url, '/v1/interactions', events)
      const wanted = { userId, items: asked, limit: 10, after: body['position'] }
      const answer = await fetch(`${url}/v1/recommendations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(wanted),
      })
      const list: RecommendationAnswer = JSON.parse(await answer.text())
      expect(list).toMatchObject({ degraded: [] })
      const explained = size <= 3 ? list.items : []
      for (const { because, features } of explained) {
        expect(sum(because.map(({ contribution }) => contribution))).toBeCloseTo(features['factorScore'] ?? 0, 5)
      }
      confidences.push(sum(list.items.map(({ confidence }) => confidence)) / list.items.length)
    }
    expect(confidences).toEqual(confidences.toSorted((a, b) => a - b))
    expect(new Set(confidences).size).toBe(confidences.length)
  })

  it('refuses another process its folder, naming the owner, and its port', async () => {
    await using other = await temporaryFolder()
    const { port } = new URL(url)
    const [inUse, taken] = await Promise.all([
      runMillrace(['audit', '--data', folder.path]),
      runMillrace(['standalone', '--data', other.path, '--port', port, '--no-demo']),
    ])
    expect(inUse.code).toBe(1)
    expect(inUse.stderr).toContain(`process ${demo.pid}`)
    expect(inUse.stderr).toContain('[folder-in-use]')
    expect(taken.code).toBe(1)
    expect(taken.stderr).toContain(`port ${port}`)
    expect(taken.stderr).toContain('[address-in-use]')
  })

  it('finishes what is in flight on SIGTERM and exits with 0', async () => {
    const event = JSON.stringify({ id: 'in flight', userId: 'late', itemId: '0770828', type: 'like' })
    const request = await postInFlight(`${url}/v1/interactions`, event)
    demo.signal('SIGTERM')
    expect(await request.finish()).toBe(202)
    expect(await demo.ended).toBe(0)
    expect(demo.stderr()).not.toContain('millrace:')
  })

  it('judges its model far above popularity on the last tenth by time', async () => {
    const split = ['--protocol', 'time-split', '--fraction', '.1', '--at', '10', '--json']
    const { code, stdout } = await runMillrace(['evaluate', '--data', folder.path, ...split], { env })
    const { models, ...about } = JSON.parse(stdout)
    expect({ code, ...about }).toMatchObject({ code: 0, protocol: 'time-split', seed: 7, fraction: 0.1 })
    expect(models.popularity['ndcg@10'].value).toBeGreaterThan(0)
    expect(models.ials['ndcg@10'].value).toBeGreaterThan(1.2 * models.popularity['ndcg@10'].value)
  })

  it('imports nothing on its second start and counts the event that was in flight', async () => {
    demo = startMillrace(args, { env })
    await demo.said(/Ctrl\+C stops/)
    expect(demo.stdout()).not.toContain('loading')
    demo.signal('SIGTERM')
    expect(await demo.ended).toBe(0)
    const again = await standaloneOn(folder.path)
    await again.caughtUp()
    const ends = (await again.parts.log.bounds('interactions')).map(({ end }) => end)
    expect(sum(ends)).toBe(100_015 + 1 + 44 + 1)
    expect((await again.parts.features.user('late'))?.history).toMatchObject([{ id: 'in flight' }])
    await again.close()
  })
})
