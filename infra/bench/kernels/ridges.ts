import { monitorEventLoopDelay } from 'node:perf_hooks'
import { withContent } from '#batch/content.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet } from '#batch/training-set.ts'
import { solverWith, type KernelChoice } from '#infra/kernels/solver.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { workerEntry } from '../../app/workers/entry.ts'
import type { BenchContext, Measure } from '../bench.ts'
import { books } from '../coldstart/described-items.ts'
import { short, whole } from '../figures.ts'
import { ratedData } from '../quality/rated-data.ts'

const threads = 2

/** Content of goodbooks-10k as a training fits it, settings chosen, and one of its regressions, by both variants. */
export async function ridges({ data, seed, say }: BenchContext, folder: string): Promise<Measure[]> {
  const rated = ratedData(data, folder).find(({ name }) => name === 'goodbooks-10k')
  const catalogue = books(folder)
  if (rated === undefined || catalogue === undefined) return []
  const set = trainingSet(rated.histories, rated.foldSettings)
  const solver = solverWith('auto', { threads, worker: workerEntry('solver') })
  const settings = { ...factorSettings, iterations: 5 }
  const { model } = await trainModel({
    solver,
    clock: { now: () => performance.now() },
    set,
    settings,
    version: 'bench',
  })
  await solver.close()
  const fit = async (kernels: KernelChoice, count: number): Promise<ContentFit> => {
    say(`content of goodbooks-10k by ${kernels}, ${count} threads`)
    const own = solverWith(kernels, { threads: count, worker: workerEntry('solver') })
    const regressions: number[] = []
    const timed: Pick<Solver, 'foldIn' | 'solveRidge'> = {
      foldIn: (...given) => own.foldIn(...given),
      async solveRidge(problem) {
        const began = performance.now()
        const weights = await own.solveRidge(problem)
        regressions.push((performance.now() - began) / 1000)
        return weights
      },
    }
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const began = performance.now()
    const { fitted } = await withContent({ solver: timed, model, set, catalogue, seed })
    const seconds = (performance.now() - began) / 1000
    delay.disable()
    await own.close()
    return {
      seconds,
      regressions,
      pauseMs: delay.max / 1e6,
      chosen: `exponent ${fitted.termExponent}, λ ${fitted.lambda}`,
    }
  }
  const readable = await fit('typescript', threads)
  const one = await fit('wasm', 0)
  const two = await fit('wasm', threads)
  const best = ({ regressions }: ContentFit) => Math.min(...regressions)
  return [
    {
      what: `goodbooks-10k: content settings chosen and fitted (${two.regressions.length} regressions), ${threads} threads`,
      measured: `${short(two.seconds)} s, the event loop held for ${whole(two.pauseMs)} ms at most (${two.chosen})`,
      goal: { says: 'the same choice', met: two.chosen === readable.chosen && one.chosen === readable.chosen },
      beside: `the readable twin ${short(readable.seconds)} s, ratio ${(readable.seconds / two.seconds).toFixed(1)}; without threads ${short(one.seconds)} s, held for ${whole(one.pauseMs)} ms`,
    },
    {
      what: 'one ridge regression of it, the fastest',
      measured: `1 thread ${best(one).toFixed(2)} s, ${threads} threads ${best(two).toFixed(2)} s`,
      beside: `the readable twin ${best(readable).toFixed(2)} s, ratios ${(best(readable) / best(one)).toFixed(1)} and ${(best(readable) / best(two)).toFixed(1)}`,
    },
  ]
}

interface ContentFit {
  readonly seconds: number
  /** Seconds of each. */
  readonly regressions: readonly number[]
  /** The longest that the event loop waited. */
  readonly pauseMs: number
  readonly chosen: string
}
