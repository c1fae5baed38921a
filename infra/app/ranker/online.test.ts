import { describe, expect, it } from 'vitest'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { blankRanker, weightsOf, columnOf, learnExample, featureCount } from '#schemas/models/ranker.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { followClickThrough } from '#stream-processors/click-through.ts'
import { startRankerLearner } from '#stream-processors/ranker-learner.ts'
import { film, films, servingWorld, type ServingWorld } from '../serving-world.fixture.ts'
import { publishRanker, recordsOf, shownList } from './ranker.fixture.ts'
import { asked } from '../asked.fixture.ts'

const windowMs = 60_000
const lists = 20

const few = { ...asked, limit: 3 }

/** What was refitted likes factors; the lists shown say that content is what is taken. */
function refitted() {
  const ranker = blankRanker()
  const features = new Float64Array(featureCount)
  for (let i = 0; i < 60; i++) {
    features.fill(0)
    features[columnOf.factorScore] = i % 2
    learnExample(ranker, { features, known: 0.5, position: 1, label: i % 2 === 1 ? 1 : 0 })
  }
  return ranker
}

async function learningWorld() {
  const world = await servingWorld()
  for (const [n, itemId] of films.entries()) await world.put(itemId, film(n))
  await world.publish('m0')
  await publishRanker(world, { version: 'm1', of: 'm0', ranker: refitted() })
  const clock = manualClock(1_000)
  const start = async () => {
    const { tail, log, blobs } = world.ports
    const report = (error: unknown) => void world.reported.push(error)
    const learner = await startRankerLearner({
      tail,
      log,
      codec: world.codec,
      blobs,
      registry: world.registry,
      clock,
      settings: defaultFoldSettings,
      join: { windowMs, mostOpen: 1_000 },
      everyMs: Infinity,
      report,
    })
    const told = await followClickThrough({ tail, metrics: world.metrics, also: [learner], report })
    return { learner, told, stop: async () => void (await Promise.all([told.stop(), learner.stop()])) }
  }
  return { world, clock, start }
}

/** Of two items, the one described alike is clicked; the one with the better factors is not. */
async function showAndClick(world: ServingWorld, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    const requestId = `list-${n}`
    const given = { requestId, userId: `user-${n % 5}`, shownAt: 1_000 + n }
    const slots = [
      { factorScore: 1, known: 0.5 },
      { content: 1, known: 0.5 },
    ]
    await world.append('impressions', given.userId, shownList(given, slots))
    await world.click(given.userId, 'film-1', requestId, 1, 1_000 + n)
  }
}

describe('Online learning', { timeout: 30_000 }, () => {
  it('moves the served weights to what is taken, without a refit', async () => {
    const { world, clock, start } = await learningWorld()
    const serving = await world.start()
    await world.rate('ann', 'film-0', 5)
    await world.caughtUp()
    const ofFactors = async () => (await serving.recommend(few)).items[0]!.features['factorScore']!
    const refittedAddend = await ofFactors()
    const { learner, told, stop } = await start()
    await showAndClick(world, 0, lists)
    await told.caughtUp()
    await learner.learn()
    expect(await recordsOf(world, 'learned-rankers')).toEqual([])
    clock.advance(lists + windowMs)
    await learner.learn()
    const said = await recordsOf(world, 'learned-rankers')
    expect(said.reduce((sum, { examples }) => sum + examples, 0)).toBe(2 * lists)
    const before = weightsOf(refitted())
    for (const { z, n } of said) {
      const after = weightsOf({ ...refitted(), state: { z: Float64Array.from(z), n: Float64Array.from(n) } })
      expect(after[columnOf.content]).toBeGreaterThan(before[columnOf.content]!)
      expect(after[columnOf.factorScore]).toBeLessThan(before[columnOf.factorScore]!)
    }
    await serving.caughtUp()
    expect(await ofFactors()).toBeLessThan(0.95 * refittedAddend)
    expect(world.reported).toEqual([])
    await stop()
    await world.stop()
  })

  it('goes on from what was said where another takes over', async () => {
    const { world, clock, start } = await learningWorld()
    const first = await start()
    await showAndClick(world, 0, lists)
    await first.told.caughtUp()
    clock.advance(lists + windowMs)
    await first.learner.learn()
    await first.stop()
    const second = await start()
    await showAndClick(world, lists, lists)
    await second.told.caughtUp()
    clock.advance(2 * lists + windowMs)
    await second.learner.learn()
    await second.stop()
    const newest = new Map((await recordsOf(world, 'learned-rankers')).map((event) => [event.partition, event]))
    expect([...newest.values()].reduce((sum, { examples }) => sum + examples, 0)).toBe(4 * lists)
    await world.stop()
  })
})
