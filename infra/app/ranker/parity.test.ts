import { describe, expect, it } from 'vitest'
import { featuresAsOf, shownLists } from '#batch/ranker/shown-lists.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { decodeModel } from '#schemas/models/model-blob.ts'
import { featureCount, rankerFeatures } from '#schemas/models/ranker.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { rankingViews } from '#serving/recommend/ranking-view.ts'
import { exactIndex } from '#schemas/ports/exact-index.fixture.ts'
import { film, films, servingWorld, type ServingWorld } from '../serving-world.fixture.ts'
import { recordsOf } from './ranker.fixture.ts'
import { asked } from '../asked.fixture.ts'

const users = ['ann', 'bob', 'cid', 'dan', 'eve']

/** Lists are asked for between events, each once serving has caught up with what was before it. */
async function shopWithLists(): Promise<ServingWorld> {
  let now = Date.parse('2026-01-01')
  const world = await servingWorld({ clock: { ...systemClock(), now: () => now } })
  for (const [n, itemId] of films.entries())
    await world.put(itemId, film(n, { title: `Night ${n % 3} of film ${n}` }), now)
  await world.publish('m1')
  const serving = await world.start()
  for (let round = 0; round < 6; round++) {
    for (const [n, user] of users.entries()) {
      now += 3_600_000
      await world.rate(user, films[(round + n) % films.length]!, (round * n) % 4 === 3 ? 1 : 4 + (n % 2), now)
      if (n % 2 === round % 2) continue
      await world.caughtUp()
      now += 1
      await serving.recommend({ ...few, userId: user, category: round === 5 ? 'Drama' : undefined })
    }
  }
  await serving.stop()
  return world
}

const few = { ...asked, limit: 6 }

async function viewOf(world: ServingWorld) {
  const manifest = await world.registry.get('m1')
  const catalogue = []
  for await (const page of world.ports.features.catalogue()) catalogue.push(...page)
  const model = decodeModel((await world.ports.blobs.get(manifest!.blob))!)
  const open = rankingViews({ settings: defaultFoldSettings, solver: world.solver, createIndex: exactIndex })
  return open({ model, catalogue })
}

describe('Training and serving', () => {
  it('see the same features: those a refit computes as of a moment are those that were recorded then', async () => {
    const world = await shopWithLists()
    const source = { log: world.log, codec: world.codec, settings: defaultFoldSettings }
    const served = await shownLists(source)
    const anew = await shownLists({ ...source, asOf: { version: 'm1', view: await viewOf(world) } })
    expect(served.length).toBeGreaterThan(8)
    expect(anew).toEqual(served)
    // A comparison of nothing with nothing would hold too.
    for (const name of [
      'factorScore',
      'factorPlace',
      'coView',
      'content',
      'trending',
      'trendingPlace',
      'affinity',
    ] as const) {
      const column = rankerFeatures.indexOf(name)
      const values = new Set(
        anew.flatMap(({ features }) => Array.from(features.filter((_, i) => i % featureCount === column))),
      )
      expect([name, values.size > 2]).toEqual([name, true])
    }
    await world.stop()
  })

  it('see other features at another moment: a refit that knew the future would differ', async () => {
    const world = await shopWithLists()
    const view = await viewOf(world)
    const drawn = (await recordsOf(world, 'impressions')).filter(({ policy }) => policy === 'mmr-gumbel')
    for (const { epoch, partition, start } of await world.log.bounds('interactions')) {
      for await (const records of world.log.read('interactions', { epoch, partition, offset: start })) {
        for (const { offset, value } of records) {
          const event = world.codec.decodeEvent('interactions', value)
          view.apply(event, { epoch, partition, offset, acceptedAt: event.acceptedAt })
        }
      }
    }
    const late = drawn.map((impression) => featuresAsOf({ version: 'm1', view }, impression))
    const asShown = await shownLists({ log: world.log, codec: world.codec, settings: defaultFoldSettings })
    expect(late).toHaveLength(drawn.length)
    expect(late.some((list) => asShown.every(({ features }) => String(features) !== String(list?.features)))).toBe(true)
    await world.stop()
  })

  it('tell lists made under a filter from those that the log alone explains', async () => {
    const world = await shopWithLists()
    const policies = new Set((await recordsOf(world, 'impressions')).map(({ policy }) => policy))
    expect(policies).toEqual(new Set(['mmr-gumbel', 'mmr-gumbel-limited']))
    await world.stop()
  })
})
