import { describe, expect, it } from 'vitest'
import { foldIn } from '#schemas/math/fold-in.ts'
import { gramian } from '#schemas/math/gramian.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { historiesOf } from '../histories.fixture.ts'
import { memoryJournal } from './study.ts'
import type { TrackingOptions } from './trial-tracking.ts'
import { tune, type TuneOptions } from './tune.ts'

/** Each user likes nearly all items of one of two colours. */
const events = Array.from({ length: 600 }, (_, i) => ({ user: i % 30, item: (i * 7 + Math.floor(i / 30)) % 40, i }))
  .filter(({ user, item }) => user % 2 === item % 2)
  .map(({ user, item, i }) => ({ user: `u${user}`, item: `i${item}`, time: i }))

/** Half-iterations leave the factors at random: the tuning has something to rank, and counts what it asks for. */
function countedSolver(): TuneOptions['solver'] & { halves: number } {
  return {
    halves: 0,
    gramian: async (factors) => gramian(factors),
    async solveHalf({ solved }) {
      this.halves++
      for (let i = 0; i < solved.data.length; i++) solved.data[i]! += Math.sin(i + this.halves)
    },
    foldIn,
  }
}

function options(over: Partial<TuneOptions> = {}): TuneOptions {
  let now = 0
  return {
    histories: historiesOf(events),
    foldSettings: defaultFoldSettings,
    protocol: 'random-holdout',
    fraction: 0.2,
    seed: 7,
    base: { ...factorSettings, factors: 4, iterations: 9 },
    space: {
      factors: [4],
      nu: [0, 1],
      weightExponent: [0, 1],
      halfLifeDays: [0, 1],
      neighbourShare: [0, 1, 4],
      relativeAlpha0: [0.01, 1],
      rowLambda: [0.1, 10],
    },
    trials: 9,
    budgetMs: 1_000_000,
    solver: countedSolver(),
    clock: { now: () => now++ },
    journal: memoryJournal(),
    ...over,
  }
}

describe('Tuning', () => {
  it('takes the best of the last round, and judges it and the base on the test part', async () => {
    const journal = memoryJournal()
    const { settings, validation, finished, trials, test } = await tune(options({ journal }))
    const last = trials.filter(({ round }) => round === 1)
    expect(finished).toBe(true)
    expect([trials.length, last.length]).toEqual([12, 3])
    expect(validation).toBe(Math.max(...last.map(({ ndcg }) => ndcg)))
    expect(last.map((trial) => trial.settings)).toContainEqual(settings)
    expect(settings.iterations).toBe(9)
    const { neighbourShare } = trials[0]!.settings
    expect(trials[0]!.settings).toEqual({ ...options().base, iterations: 3, neighbourShare })
    for (const trial of trials) expect([0, 1, 4]).toContain(trial.settings.neighbourShare)
    expect(test.users).toBeGreaterThan(20)
    expect(test.tuned['ndcg@10']!.value).toBeGreaterThan(0)
    expect(journal.records).toEqual(trials)
  })

  it('chooses by other users than it judges by where users are held out whole', async () => {
    const { validation, test } = await tune(options({ protocol: 'strong-generalisation' }))
    expect(validation).toBeGreaterThan(0)
    expect(test.users).toBeGreaterThan(0)
  })

  it('fits nothing again that its journal knows', async () => {
    const whole = memoryJournal()
    const straight = await tune(options({ journal: whole }))
    const part = memoryJournal()
    part.records.push(...whole.records.slice(0, 7))
    const solver = countedSolver()
    const resumed = await tune(options({ journal: part, solver }))
    expect(resumed.trials.slice(0, 7)).toEqual(straight.trials.slice(0, 7))
    expect(part.records).toHaveLength(12)
    // Two trials of three iterations, three of nine, then the winner and the base: each iteration is two halves.
    expect(solver.halves).toBe(2 * (2 * 3 + 3 * 9 + 2 * 9))
  })

  it('ends when its time is over, with the best so far', async () => {
    const none = await tune(options({ budgetMs: 0 }))
    expect(none).toMatchObject({ finished: false, trials: [], settings: options().base })
    const some = await tune(options({ budgetMs: 9 }))
    expect(some.finished).toBe(false)
    expect(some.trials.length).toBeGreaterThan(0)
    expect(some.settings.iterations).toBe(9)
  })

  it('refuses a journal of another study', async () => {
    const journal = memoryJournal()
    await tune(options({ journal, trials: 1 }))
    await expect(tune(options({ journal, trials: 1, seed: 8 }))).rejects.toMatchObject({ code: 'conflict' })
  })

  it('sends every trial that it fits to a tracker, and ends after the last is sent', async () => {
    const names: string[] = []
    let underWay = 0
    const tracking: TrackingOptions = {
      experiment: 'films',
      report: (error) => expect(error).toBeUndefined(),
      tracker: {
        async record({ name, experiment, parameters, metrics }) {
          expect(++underWay).toBe(1)
          await new Promise((resolve) => setImmediate(resolve))
          expect(experiment).toBe('films')
          expect(parameters).toMatchObject({ factors: 4, protocol: 'random-holdout', splitSeed: 7 })
          expect(metrics['ndcg_at_10']).toBeGreaterThanOrEqual(0)
          names.push(name)
          underWay--
        },
      },
    }
    const journal = memoryJournal()
    await tune(options({ journal, tracking }))
    expect(names).toEqual(journal.records.map(({ trial, round }) => `trial ${trial}, round ${round}`))
    await tune(options({ journal, tracking }))
    expect(names).toHaveLength(12)
  })

  it('goes on when a tracker fails, and says each time what could not be sent', async () => {
    const failures: string[] = []
    const report = (error: unknown, doing: string) => void failures.push(`${doing}: ${String(error)}`)
    const tracker = { record: () => Promise.reject(new Error('no server')) }
    const { finished } = await tune(options({ tracking: { experiment: 'films', report, tracker } }))
    expect(finished).toBe(true)
    expect(failures).toHaveLength(12)
    expect(failures[0]).toBe('sending trial 0, round 0: Error: no server')
  })

  it('of an empty log is refused', async () => {
    await expect(tune(options({ histories: historiesOf([]) }))).rejects.toMatchObject({ code: 'training-impossible' })
  })

  it('tells how far it has come', async () => {
    const told: number[] = []
    await tune(options({ onProgress: ({ done, of }) => void told.push(done / of) }))
    expect(told).toEqual(Array.from({ length: 12 }, (_, i) => (i + 1) / 12))
  })
})
