import { describe, expect, it } from 'vitest'
import type { Solver } from '#schemas/ports/solver.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import { historiesOf } from './histories.fixture.ts'
import { trainModel, type TrainingProgress, type TrainOptions } from './train.ts'
import { trainingSet } from './training-set.ts'

/** Each half-iteration adds one to all that is solved, so the factors tell how often they were solved. */
function countingSolver(): Pick<Solver, 'gramian' | 'solveHalf'> {
  return {
    gramian: async ({ k }) => new Float64Array(k * k),
    async solveHalf({ solved }) {
      for (let i = 0; i < solved.data.length; i++) solved.data[i]! += 1
    },
  }
}

const set = trainingSet(
  historiesOf([
    { user: 'u', item: 'a', time: 1 },
    { user: 'v', item: 'b', time: 2 },
    { user: 'w', item: 'b', time: 2 },
  ]),
  defaultFoldSettings,
)

function options(iterations: number): TrainOptions {
  let now = 0
  return {
    solver: countingSolver(),
    clock: { now: () => (now += 500) },
    set,
    settings: { ...factorSettings, factors: 4, iterations },
    version: 'v',
  }
}

function scripted(scores: readonly number[]): () => Promise<number> {
  const rest = [...scores]
  return async () => rest.shift()!
}

/** How often the items of a model were solved, told from the same training stopped at once. */
async function solvedTimes(factors: Float32Array): Promise<number> {
  const { model } = await trainModel(options(1))
  return Math.round(factors[0]! - model.itemFactors[0]!) + 1
}

describe('Training', () => {
  it('iterates as often as it was told to without an evaluation', async () => {
    const trained = await trainModel(options(5))
    expect(trained.iterations).toBe(5)
    expect(trained.score).toBeUndefined()
    expect(await solvedTimes(trained.model.itemFactors)).toBe(5)
  })

  it('stops when the score has not improved twice, and gives the model of the best score', async () => {
    const trained = await trainModel({ ...options(9), patience: 2, evaluate: scripted([1, 2, 4, 3, 4]) })
    expect(trained.secondsPerIteration).toHaveLength(5)
    expect(trained).toMatchObject({ iterations: 3, score: 4 })
    expect(await solvedTimes(trained.model.itemFactors)).toBe(3)
  })

  it('goes on past one bad score when patience allows', async () => {
    const trained = await trainModel({ ...options(5), patience: 2, evaluate: scripted([3, 2, 4, 5, 6]) })
    expect(trained).toMatchObject({ iterations: 5, score: 6 })
  })

  it('reports every iteration with its seconds by the clock it is given, and its loss on demand', async () => {
    const said: TrainingProgress[] = []
    const trained = await trainModel({
      ...options(2),
      withLoss: true,
      onProgress: (progress) => void said.push(progress),
    })
    expect(said.map(({ iteration, of, seconds }) => ({ iteration, of, seconds }))).toEqual([
      { iteration: 1, of: 2, seconds: 0.5 },
      { iteration: 2, of: 2, seconds: 0.5 },
    ])
    expect(said.map(({ loss }) => loss)).toEqual(trained.losses)
    expect(trained.losses.every((loss) => Number.isFinite(loss))).toBe(true)
  })

  it('ends when the one who listens to its progress fails', async () => {
    const trained = trainModel({ ...options(5), onProgress: () => Promise.reject(new Error('claim lost')) })
    await expect(trained).rejects.toThrow('claim lost')
  })

  it('counts the users of each item', async () => {
    const { model } = await trainModel(options(1))
    expect(model.itemIds).toEqual(['a', 'b'])
    expect([...model.itemCounts]).toEqual([1, 2])
    expect(model).toMatchObject({ users: 3, items: 2, k: 4 })
  })

  it('needs an iteration', async () => {
    await expect(trainModel(options(0))).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
