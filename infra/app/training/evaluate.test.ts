import { describe, expect, it } from 'vitest'
import { evaluateLog, type EvaluateOptions } from '#batch/evaluate.ts'
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
    const names = ['ndcg', 'recall', 'hitrate', 'mrr', 'coverage'].flatMap((name) => [`${name}@1`, `${name}@5`])
    for (const metrics of Object.values(models)) {
      expect(Object.keys(metrics).toSorted()).toEqual(names.toSorted())
      for (const { value } of Object.values(metrics)) {
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
      }
    }
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
