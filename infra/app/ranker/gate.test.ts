import { describe, expect, it } from 'vitest'
import { runTraining, type RunTrainingOptions } from '#batch/job.ts'
import { interaction as event, trainingWorld } from '../training/training.fixture.ts'
import { exactIndex } from '#schemas/ports/exact-index.fixture.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { switchTo } from '#batch/publish.ts'
import { decodeRanker, encodeRanker } from '#schemas/models/ranker-blob.ts'
import { blankRanker, columnOf, featureCount, learnExample, type RankerFeature } from '#schemas/models/ranker.ts'
import { dayMs } from '#schemas/settings.ts'
import { rankingViews } from '#serving/recommend/ranking-view.ts'
import { shownList } from './ranker.fixture.ts'

const items = 40
const users = 30
const limits = { fewestTaken: 15, drawn: 200, drawnShare: 0.2 }

/** Every day other items trend, and users like what trends: the blend, which hardly looks at trends, is easily beaten. */
function fashionable() {
  const random = seededRandom(11)
  const events = []
  for (let day = 0; day < 25; day++) {
    for (let n = 0; n < users; n++) {
      const item = random() < 0.8 ? (day * 2 + Math.floor(3 * random())) % items : Math.floor(items * random())
      events.push(event(`u${n}`, `i${item}`, day * dayMs + n * 60_000))
    }
  }
  return events
}

async function shop() {
  const world = trainingWorld()
  await world.append(fashionable())
  const { foldSettings, solver } = world.options
  const openView = rankingViews({ settings: foldSettings, solver, createIndex: exactIndex })
  const train = (run: string, over: Partial<RunTrainingOptions> = {}) =>
    runTraining({ ...world.options, run, openView, ranker: { limits }, ...over })
  const rankerOf = async (run: string) => {
    const digest = (await world.options.registry.get(run))!.ranker
    return digest === undefined ? undefined : decodeRanker((await world.options.blobs.get(digest))!)
  }
  return { ...world, train, rankerOf }
}

function rankerThatLikes(feature: RankerFeature, sign: 1 | -1) {
  const ranker = blankRanker()
  const features = new Float64Array(featureCount)
  for (let n = 0; n < 400; n++) {
    features[columnOf[feature]] = n % 2
    learnExample(ranker, { features, known: 0.5, position: 1, label: (n % 2 === 1) === (sign === 1) ? 1 : 0 })
  }
  return ranker
}

describe('The gate of the ranker', { timeout: 60_000 }, () => {
  it('lets a ranker fitted to the history alone take over from the fixed blend where it is better', async () => {
    const { train, rankerOf } = await shop()
    const report = await train('model-1')
    expect(report).toMatchObject({ published: true, ranking: 'learned' })
    const { metrics } = report
    expect(metrics['ranker.ndcg@10']).toBeGreaterThan(metrics['ranker.incumbent.ndcg@10']!)
    expect(metrics['ranker.lists.drawn']).toBeGreaterThan(50)
    expect((await rankerOf('model-1'))!.examples).toBeGreaterThan(1_000)
  })

  it('refuses one that is worse on later lists than what ranks now, which ranks on', async () => {
    const { train, options, log, codec, clock } = await shop()
    await train('model-1')
    const good = rankerThatLikes('content', 1)
    const manifest = (await options.registry.get('model-1'))!
    const ranker = await options.blobs.put(encodeRanker(good))
    await options.registry.add({ ...manifest, version: 'model-good', ranker })
    await switchTo(options, { version: 'model-good', generation: 'g', positions: [], reason: 'test' })
    // Early lists mislead: what is described alike is never taken. Later ones agree with what ranks now.
    const now = 50 * dayMs
    const records = []
    const clicks = []
    for (let n = 0; n < 400; n++) {
      const shownAt = now + n * 3_600_000
      const list = { requestId: `r${n}`, userId: `u${n % users}`, shownAt, modelVersion: 'model-good' }
      const taken = n < 280 ? 0 : 1
      records.push(shownList(list, [{ affinity: 0.5 }, { affinity: 0.5, content: 1 }]))
      const attribution = { requestId: `r${n}`, position: taken }
      const click = event(list.userId, `film-${taken}`, shownAt + 1_000, 'click')
      if (click.type === 'interaction') clicks.push({ ...click, attribution })
    }
    await log.append(
      'impressions',
      records.map((one) => ({ key: one.userId, value: codec.encodeEvent('impressions', one) })),
    )
    await log.append(
      'interactions',
      clicks.map((one) => ({ key: one.userId, value: codec.encodeEvent('interactions', one) })),
    )
    clock.advance(100 * dayMs)
    const report = await train('model-2')
    expect(report).toMatchObject({ published: true, ranking: 'refused' })
    expect(report.metrics['ranker.ndcg@10']).toBeLessThan(report.metrics['ranker.incumbent.ndcg@10']!)
    expect((await options.registry.get('model-2'))!.ranker).toBe(ranker)
  })

  it('keeps what ranks where nothing can judge, and without a view of serving', async () => {
    const { train, rankerOf, options } = await shop()
    expect(await train('model-1', { ranker: { limits: { fewestTaken: 1e6 } } })).toMatchObject({
      ranking: 'unmeasured',
    })
    expect(await rankerOf('model-1')).toBeUndefined()
    await train('model-2')
    const before = await rankerOf('model-2')
    expect(before).toBeDefined()
    expect(await runTraining({ ...options, run: 'model-3' })).toMatchObject({ ranking: 'unmeasured' })
    expect(await rankerOf('model-3')).toEqual(before)
  })
})
