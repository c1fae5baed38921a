import { describe, expect, it } from 'vitest'
import type { ExperimentTracker, TrackedRun } from './experiment-tracker.ts'

export interface ExperimentTrackerSubject {
  readonly tracker: ExperimentTracker
  /** The runs of an experiment in any order, as a reader finds them; none of one that does not exist. */
  readonly runsOf: (experiment: string) => Promise<readonly TrackedRun[]>
}

export function experimentTrackerContract(name: string, open: () => Promise<ExperimentTrackerSubject>): void {
  describe(`ExperimentTracker: ${name}`, () => {
    it('keeps every run whole, under its experiment', async () => {
      const { tracker, runsOf } = await open()
      const times = { startedAt: 1_600_000_000_000, endedAt: 1_600_000_012_345 }
      const run = (name: string, ndcg: number): TrackedRun => ({
        experiment: 'films',
        name,
        ...times,
        parameters: { factors: 64, lambda: 0.001, nu: 0, protocol: 'time-split' },
        metrics: { ndcg_at_10: ndcg, seconds: 0.25 },
      })
      const runs = [run('trial 0, round 0', 0.125), run('trial 0, round 1', 0.0625), run('tried again', 0)]
      for (const one of runs) await tracker.record(one)
      const elsewhere = { ...run('alone', 0.5), experiment: 'books / 2' }
      await tracker.record(elsewhere)
      const found = await runsOf('films')
      expect(found).toHaveLength(3)
      const text = (one: TrackedRun) => ({
        ...one,
        parameters: Object.fromEntries(Object.entries(one.parameters).map(([key, value]) => [key, String(value)])),
      })
      expect(found.map(text)).toEqual(expect.arrayContaining(runs.map(text)))
      expect((await runsOf('books / 2')).map(text)).toEqual([text(elsewhere)])
      expect(await runsOf('nothing')).toEqual([])
    })
  })
}
