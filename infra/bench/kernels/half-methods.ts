import { solverWith } from '#infra/kernels/solver.ts'
import { ialsLoss } from '#schemas/math/ials-loss.ts'
import { transposed } from '#schemas/math/transposed.ts'
import { initialFactors } from '#schemas/models/initial-factors.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import type { Factors, HalfMethod, Interactions } from '#schemas/ports/solver.ts'
import type { Table } from '../bench.ts'
import { ratedMatrix, ratedSources } from '../implicit/matrices.ts'

interface Way {
  readonly name: string
  readonly method: HalfMethod
  readonly cgSteps: number
}

const ways: readonly Way[] = [
  { name: 'cg, 2 steps', method: 'cg', cgSteps: 2 },
  { name: 'cg, 3 steps', method: 'cg', cgSteps: 3 },
  { name: 'cg, 5 steps', method: 'cg', cgSteps: 5 },
  { name: 'iALS++, blocks of 8', method: 'ials++', cgSteps: 0 },
]

/** What a top rating weighs by default. */
const confidence = 10
const iterations = 8
/** Whoever comes within so much of the lowest loss of all has arrived. */
const slacks = [0.01, 0.002]

/**
 * Seconds until the loss of a training is within 1 % and 0.2 % of the lowest that any way reaches, one thread, from the same
 * first factors; the ways run by turns, and each counts with the fastest iteration.
 */
export async function halfMethods(folder: string, seed: number, say: (line: string) => void): Promise<Table> {
  const rows: string[][] = []
  for (const name of Object.keys(ratedSources)) {
    const { train } = ratedMatrix(folder, name, confidence)
    for (const k of [64, 128]) {
      say(`${name}, ${k} factors: conjugate gradient beside iALS++`)
      const fits = await fitByTurns(train, k, seed)
      const lowest = Math.min(...fits.flatMap(({ losses }) => losses))
      const reached = fits.map(({ seconds, losses }) =>
        slacks.map((slack) => {
          const at = losses.findIndex((loss) => loss <= lowest * (1 + slack))
          return at === -1 ? undefined : { iterations: at + 1, seconds: (at + 1) * Math.min(...seconds) }
        }),
      )
      for (const [at, { name: way, seconds, losses }] of fits.entries()) {
        rows.push([
          name,
          String(k),
          way,
          Math.min(...seconds).toPrecision(3),
          ...reached[at]!.map((one) =>
            one === undefined ? 'not' : `${one.seconds.toPrecision(3)} (${one.iterations} iterations)`,
          ),
          (losses.at(-1)! / lowest).toFixed(5),
        ])
      }
    }
  }
  const head = ['data', 'factors', 'half-iteration', 's an iteration', 's to within 1 %', 's to within 0.2 %']
  return { head: [...head, `loss after ${iterations}, to the lowest`], rows }
}

interface Fit extends Way {
  readonly users: Factors
  readonly items: Factors
  readonly seconds: number[]
  readonly losses: number[]
}

async function fitByTurns(byUser: Interactions, k: number, seed: number): Promise<readonly Fit[]> {
  const solver = solverWith('wasm')
  const byItem = transposed(byUser)
  const first = initialFactors(byItem.rows, k, seed)
  const regularisation = defaultTrainingSettings
  const fits: readonly Fit[] = ways.map((way) => ({
    ...way,
    users: { rows: byUser.rows, k, data: new Float32Array(byUser.rows * k) },
    items: { ...first, data: first.data.slice() },
    seconds: [],
    losses: [],
  }))
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (const { users, items, method, cgSteps, seconds, losses } of fits) {
      const half = async (interactions: Interactions, fixed: Factors, solved: Factors) => {
        const gramian = await solver.gramian(fixed)
        await solver.solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps, method })
      }
      const began = performance.now()
      await half(byUser, items, users)
      await half(byItem, users, items)
      seconds.push((performance.now() - began) / 1000)
      losses.push(ialsLoss({ interactions: byUser, users, items, regularisation }))
    }
  }
  await solver.close()
  return fits
}
