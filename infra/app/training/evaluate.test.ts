import { describe, expect, it } from 'vitest'
import { evaluateLog, type EvaluateOptions, type EvaluationReport } from '#batch/evaluate.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { checkerboard, interaction, trainingWorld } from './training.fixture.ts'

async function evaluated(over: Partial<EvaluateOptions> = {}, events = checkerboard(40, 20)) {
  const { append, options } = trainingWorld()
  await append(events)
  const { foldSettings, settings, ...ports } = options
  return evaluateLog({ ...ports, settings: foldSettings, training: settings, protocol: 'random-holdout', ...over })
}

describe('An evaluation', () => {
  it('finds that the model sees the colours of a checkerboard and popularity does not', async () => {
    const { models, protocol, seed } = await evaluated({ seed: 7 })
    expect({ protocol, seed }).toEqual({ protocol: 'random-holdout', seed: 7 })
    expect(models.ials['ndcg@10']!.value).toBeGreaterThan(1.5 * models.popularity['ndcg@10']!.value)
    expect(models.ials['hitrate@10']!.value).toBe(1)
  })

  it('gives every metric at every length asked for', async () => {
    const { models } = await evaluated({ at: [1, 5] })
    const all = ['ndcg', 'recall', 'hitrate', 'mrr', 'map', 'coverage', 'gini', 'novelty', 'diversity']
    const names = all.flatMap((name) => [`${name}@1`, `${name}@5`])
    expect(Object.keys(models)).toEqual(['ials', 'popularity', 'trending', 'item-knn', 'ease'])
    for (const metrics of Object.values(models)) {
      expect(Object.keys(metrics).toSorted()).toEqual(names.toSorted())
      for (const [name, { value, low, high }] of Object.entries(metrics)) {
        expect(low).toBeGreaterThanOrEqual(0)
        expect(value).toBeGreaterThanOrEqual(low)
        expect(high).toBeGreaterThanOrEqual(value)
        expect(high).toBeLessThanOrEqual(name.startsWith('novelty') ? Math.log2(40) : 1)
      }
    }
  })

  it('says how users and items of each segment fare', async () => {
    const { segments, users } = await evaluated({ at: [10] })
    const { new: few, light, heavy, head, tail } = segments.ials
    expect(few.users + light.users + heavy.users).toBe(users)
    expect(head.users + tail.users).toBeGreaterThanOrEqual(users)
    expect(Object.keys(light.metrics)).toEqual(['ndcg@10', 'recall@10'])
  })

  it('folds users in that the model was not fitted to', async () => {
    const { models, users, cold } = await evaluated({ protocol: 'strong-generalisation', fraction: 0.3 })
    expect(users).toBeGreaterThan(5)
    expect(users).toBeLessThan(25)
    expect(cold.users).toBe(0)
    expect(models.ials['ndcg@10']!.value).toBeGreaterThan(1.5 * models.popularity['ndcg@10']!.value)
  })

  it('among sampled negatives says that it is biased, and flatters', async () => {
    const random = seededRandom(2)
    const events = Array.from({ length: 2_000 }, (_, i) =>
      interaction(`u${i % 40}`, `i${Math.floor(400 * random() ** 2)}`, i),
    )
    const sampled = await evaluated({ protocol: 'sampled-negatives' }, events)
    const whole = await evaluated({ protocol: 'leave-last-out' }, events)
    expect([sampled.biased, whole.biased]).toEqual([true, false])
    const hitRate = ({ models }: EvaluationReport) => models.popularity['hitrate@10']!.value
    expect(hitRate(sampled)).toBeGreaterThan(hitRate(whole))
  })

  it('is the same for the same seed', async () => {
    expect(await evaluated({ seed: 3 })).toEqual(await evaluated({ seed: 3 }))
    expect((await evaluated({ seed: 3 })).models).not.toEqual((await evaluated({ seed: 4 })).models)
  })

  it('leaves the last item of each user out', async () => {
    const { users, heldOut } = await evaluated({ protocol: 'leave-last-out' }, shuffled(checkerboard(40, 20)))
    expect(heldOut).toBe(users)
    expect(users).toBeGreaterThan(30)
  })

  it('by time of events without times of their own is refused', async () => {
    const events = checkerboard(40, 20).map((event) => ({ ...event, occurredAt: 5 }))
    await expect(evaluated({ protocol: 'time-split' }, events)).rejects.toMatchObject({ code: 'time-split-impossible' })
  })

  it('by time counts what is of newcomers apart', async () => {
    const newcomers = Array.from({ length: 10 }, (_, i) => interaction(`new ${i}`, 'i0', 10_000 + i))
    const { cold, users } = await evaluated({ protocol: 'time-split' }, [...checkerboard(40, 20), ...newcomers])
    expect(cold.users).toBeGreaterThanOrEqual(10)
    expect(users).toBeGreaterThan(0)
  })

  it.each([
    ['an empty log', []],
    ['one user', [interaction('u', 'a', 1), interaction('u', 'b', 2), interaction('u', 'c', 3)]],
  ])('of %s is refused', async (_, events) => {
    await expect(evaluated({}, events)).rejects.toMatchObject({ code: 'training-impossible' })
  })
})

/** In another order, so that users do not all come to the same item last. */
function shuffled(events: readonly InteractionsEvent[]): InteractionsEvent[] {
  const random = seededRandom(1)
  const drawn = events.map((event) => ({ event, place: random() }))
  return drawn.toSorted((a, b) => a.place - b.place).map(({ event }) => event)
}
